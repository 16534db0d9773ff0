// SPDX-License-Identifier: MIT
//
// usage: fake_network_manager PRIMARY INTERFACE METERED
//
// On the bus of DBUS_SYSTEM_BUS_ADDRESS: is NetworkManager as far as metering goes. The primary
// connection is PRIMARY, one device is INTERFACE, which is METERED (numbers of NMMetered). Prints
// "ready" when it can be asked, and stays until it is killed.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include <systemd/sd-bus.h>

namespace {

constexpr const char* k_name = "org.freedesktop.NetworkManager";
constexpr const char* k_path = "/org/freedesktop/NetworkManager";
constexpr const char* k_device_path = "/org/freedesktop/NetworkManager/Devices/1";

struct Said {
  std::uint32_t primary = 0;
  std::string interface;
  std::uint32_t metered = 0;
};

int metered_of(sd_bus*, const char* path, const char*, const char*, sd_bus_message* reply,
               void* data, sd_bus_error*) {
  const auto& said = *static_cast<Said*>(data);
  const bool is_device = std::string(path) == k_device_path;
  return sd_bus_message_append(reply, "u", is_device ? said.metered : said.primary);
}

int device_of(sd_bus_message* question, void* data, sd_bus_error* error) {
  const auto& said = *static_cast<Said*>(data);
  const char* name = nullptr;
  if (const int read = sd_bus_message_read(question, "s", &name); read < 0) return read;
  if (said.interface == name) return sd_bus_reply_method_return(question, "o", k_device_path);
  return sd_bus_error_set(error, "org.freedesktop.NetworkManager.UnknownDevice", "no such device");
}

const sd_bus_vtable k_manager[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Metered", "u", metered_of, 0, 0),
    SD_BUS_METHOD("GetDeviceByIpIface", "s", "o", device_of, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};
const sd_bus_vtable k_device[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Metered", "u", metered_of, 0, 0), SD_BUS_VTABLE_END};

bool serve(Said& said) {
  sd_bus* bus = nullptr;
  if (sd_bus_open_system(&bus) < 0) return false;
  const std::string device = std::string(k_name) + ".Device";
  if (sd_bus_add_object_vtable(bus, nullptr, k_path, k_name, k_manager, &said) < 0) return false;
  if (sd_bus_add_object_vtable(bus, nullptr, k_device_path, device.c_str(), k_device, &said) < 0) {
    return false;
  }
  if (sd_bus_request_name(bus, k_name, 0) < 0) return false;
  std::cout << "ready" << std::endl;
  while (true) {
    const int processed = sd_bus_process(bus, nullptr);
    if (processed < 0) return false;
    if (processed == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  Said said{.primary = static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)),
            .interface = argv[2],
            .metered = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10))};
  return serve(said) ? 0 : 1;
}
