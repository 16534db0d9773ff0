// SPDX-License-Identifier: MIT
#pragma once

// A DNS server on port 53, or another, of an address: a script says what it answers to each
// question. One thread; gone after the destructor.

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <doctest/doctest.h>
#include <netinet/in.h>

#include "libcore/net/dns_message.hpp"
#include "libcore/sys/fd.hpp"

namespace fakes {

// What a server says to `query`: a code (0, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED) and addresses.
inline std::string dns_answer(std::string query, int code,
                              const std::vector<std::string>& addresses = {}) {
  query[2] = static_cast<char>(0x81);
  query[3] = static_cast<char>(0x80 | code);
  query[7] = static_cast<char>(addresses.size());
  for (const auto& text : addresses) {
    const auto address = *core::net::parse_ip(text);
    const std::size_t size = address.family == core::net::Family::v4 ? 4 : 16;
    const char type = size == 4 ? 1 : 28;
    query += std::string{'\xC0', 12, 0, type, 0, 1, 0, 0, 0, 60, 0, static_cast<char>(size)};
    query.append(reinterpret_cast<const char*>(address.bytes.data()), size);
  }
  return query;
}

class DnsServer {
 public:
  // Gets the question and the bytes that it came in; empty: no answer.
  using Script = std::function<std::string(const core::net::DnsQuestion&, const std::string&)>;

  DnsServer(Script script, const std::string& host, int port = 53)
      : script_(std::move(script)),
        socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
        stop_(::eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&address.sin_addr, core::net::parse_ip(host)->bytes.data(), 4);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_.get(), plain, size) == 0);
    REQUIRE(::getsockname(socket_.get(), plain, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer() {
    const std::uint64_t one = 1;
    static_cast<void>(::write(stop_.get(), &one, sizeof one));
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int questions() const { return questions_; }

 private:
  void serve() {
    std::array<pollfd, 2> polled{pollfd{.fd = socket_.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
    while (::poll(polled.data(), polled.size(), -1) > 0 && polled[1].revents == 0) {
      std::array<char, 2048> buffer{};
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      auto* plain = reinterpret_cast<sockaddr*>(&from);
      const auto length = ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, plain, &size);
      if (length < 12) continue;
      ++questions_;
      const std::string query(buffer.data(), static_cast<std::size_t>(length));
      const auto parsed = core::net::parse_dns_answer(dns_answer(query, 0));
      const auto answer = parsed ? script_(parsed->question, query) : std::string{};
      if (!answer.empty()) ::sendto(socket_.get(), answer.data(), answer.size(), 0, plain, size);
    }
  }

  Script script_;
  core::sys::Fd socket_;
  core::sys::Fd stop_;
  int port_ = 0;
  std::atomic<int> questions_ = 0;
  std::thread thread_;
};

}  // namespace fakes
