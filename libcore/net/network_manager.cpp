// SPDX-License-Identifier: MIT
#include "libcore/net/network_manager.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <systemd/sd-bus.h>

namespace core::net {
namespace {

constexpr const char* k_service = "org.freedesktop.NetworkManager";
constexpr const char* k_path = "/org/freedesktop/NetworkManager";
constexpr const char* k_device = "org.freedesktop.NetworkManager.Device";
constexpr const char* k_properties = "org.freedesktop.DBus.Properties";

class Bus {
 public:
  Bus() = default;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  ~Bus() { sd_bus_flush_close_unref(bus); }
  sd_bus* bus = nullptr;
};

class Message {
 public:
  Message() = default;
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  ~Message() { sd_bus_message_unref(message); }
  sd_bus_message* message = nullptr;
};

class BusError {
 public:
  BusError() = default;
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  ~BusError() { sd_bus_error_free(&error); }
  [[nodiscard]] std::string_view name() const { return error.name == nullptr ? "" : error.name; }
  sd_bus_error error = SD_BUS_ERROR_NULL;
};

tl::unexpected<Error> refused(Errc code, std::string_view what, int number) {
  return fail(code, "NetworkManager: " + std::string(what) + ": " +
                        std::generic_category().message(number < 0 ? -number : number));
}

// It is not there, or knows no such device: no error.
bool is_absent(const BusError& error) {
  constexpr std::array<std::string_view, 5> k_absent{
      "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
      "org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.NetworkManager.UnknownDevice",
      "org.freedesktop.DBus.Error.UnknownMethod"};
  for (const auto name : k_absent) {
    if (error.name() == name) return true;
  }
  return false;
}

// The answer to a call with one or two strings; without a message: is_absent.
Result<> call(Bus& bus, Message& question, Message& answer, Duration longest) {
  // Asking must not start it.
  sd_bus_message_set_auto_start(question.message, 0);
  BusError error;
  const int done =
      sd_bus_call(bus.bus, question.message, static_cast<std::uint64_t>(longest.count()),
                  &error.error, &answer.message);
  if (done >= 0 || is_absent(error)) return {};
  return refused(done == -ETIMEDOUT ? Errc::timeout : Errc::io, "no answer", done);
}

Result<std::optional<unsigned>> property(Bus& bus, const char* path, const char* interface,
                                         Duration longest) {
  Message question;
  Message answer;
  int done = sd_bus_message_new_method_call(bus.bus, &question.message, k_service, path,
                                            k_properties, "Get");
  if (done >= 0) done = sd_bus_message_append(question.message, "ss", interface, "Metered");
  if (done < 0) return refused(Errc::io, "cannot ask", done);
  TRY(call(bus, question, answer, longest));
  if (answer.message == nullptr) return std::nullopt;
  std::uint32_t value = 0;
  done = sd_bus_message_read(answer.message, "v", "u", &value);
  if (done < 0) return refused(Errc::io, "not understood", done);
  return value;
}

Result<std::string> device_of(Bus& bus, const std::string& interface, Duration longest) {
  Message question;
  Message answer;
  int done = sd_bus_message_new_method_call(bus.bus, &question.message, k_service, k_path,
                                            k_service, "GetDeviceByIpIface");
  if (done >= 0) done = sd_bus_message_append(question.message, "s", interface.c_str());
  if (done < 0) return refused(Errc::io, "cannot ask", done);
  TRY(call(bus, question, answer, longest));
  const char* path = nullptr;
  if (answer.message == nullptr) return std::string{};
  done = sd_bus_message_read(answer.message, "o", &path);
  if (done < 0) return refused(Errc::io, "not understood", done);
  return std::string(path);
}

}  // namespace

Result<std::optional<unsigned>> read_metered(const std::string& interface, Duration longest) {
  Bus bus;
  if (const int opened = sd_bus_open_system(&bus.bus); opened < 0) {
    return refused(Errc::unavailable, "no system bus", opened);
  }
  sd_bus_set_method_call_timeout(bus.bus, static_cast<std::uint64_t>(longest.count()));
  if (interface.empty()) return property(bus, k_path, k_service, longest);
  TRY_ASSIGN(const auto device, device_of(bus, interface, longest));
  if (device.empty()) return std::nullopt;
  return property(bus, device.c_str(), k_device, longest);
}

}  // namespace core::net
