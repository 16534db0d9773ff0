// SPDX-License-Identifier: MIT
#pragma once

// Netlink messages as bytes (netlink(7)): questions to the kernel, and its answers taken apart.
// Pure; a length that does not fit ends the list, and nothing outside of the bytes is looked at.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace core::net {

struct NetlinkMessage {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  std::string_view payload;
};

// NetlinkMessages messages(datagram); while (const auto message = messages.next()) …
class NetlinkMessages {
 public:
  explicit NetlinkMessages(std::string_view bytes) : rest_(bytes) {}
  std::optional<NetlinkMessage> next();

 private:
  std::string_view rest_;
};

struct NetlinkAttribute {
  std::uint16_t type = 0;  // without the flag that says that it is nested
  std::string_view value;
};

// The same for the attributes behind the fixed part of a payload, and for those in an attribute.
class NetlinkAttributes {
 public:
  explicit NetlinkAttributes(std::string_view bytes) : rest_(bytes) {}
  std::optional<NetlinkAttribute> next();

 private:
  std::string_view rest_;
};

// The first sizeof(T) bytes; nullopt when there are fewer.
template <typename T>
std::optional<T> read_front(std::string_view bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// What comes behind a T, which is padded to four bytes.
template <typename T>
std::string_view after_front(std::string_view bytes) {
  constexpr std::size_t k_padded = (sizeof(T) + 3U) & ~std::size_t{3};
  return bytes.substr(std::min(bytes.size(), k_padded));
}

template <typename T>
std::string_view bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void append_attribute(std::string& payload, std::uint16_t type, std::string_view value);
std::string format_message(const NetlinkMessage& message);

}  // namespace core::net
