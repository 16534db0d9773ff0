// SPDX-License-Identifier: MIT
#pragma once

// LoopbackServer: a real TCP server, on 127.0.0.1 unless told otherwise, whose connections follow a
// script, well-behaved or not. One thread accepts, one serves each connection; all are gone after
// the destructor. Also ports without a server.

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace fakes {

struct ReceivedRequest {
  std::string head;             // request line and headers, up to the empty line
  std::string body;             // the first MiB
  std::uint64_t body_size = 0;  // all of it

  [[nodiscard]] bool has_line(std::string_view line) const;
};

// What a script can do with its connection.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  // The next HTTP/1.1 request, its body read by Content-Length (with 100 Continue where it is
  // expected). nullopt: the client is gone.
  std::optional<ReceivedRequest> read_request();
  // False: the client is gone.
  bool write(std::string_view bytes);
  // Reads and drops until the client hangs up.
  void wait_for_end();
  // Makes the closing that follows a reset instead of an orderly end.
  void reset_at_end();

 private:
  bool read_more();

  int socket_;
  std::string pending_;
};

class LoopbackServer {
 public:
  using Script = std::function<void(Connection&)>;

  // Port 0: a free one. An IPv6 address may be given as well.
  explicit LoopbackServer(Script script, int port = 0, const std::string& address = "127.0.0.1");
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer();

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view path = "/") const;
  [[nodiscard]] int connections() const { return connections_; }

 private:
  struct Served {
    std::thread thread;
    int socket = -1;
  };
  void accept_all();
  void serve(Served& served);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;  // guards served_ and stopping_
  bool stopping_ = false;
  std::list<Served> served_;
  std::thread acceptor_;
};

// A port of 127.0.0.1 on which nobody listens, kept until the process ends from everybody who does
// not name it: no outgoing connection gets it, but servers that set SO_REUSEADDR can come and go
// there.
int hold_port();

// Scripts. answering: these bytes for every request of the connection, until the client leaves.
LoopbackServer::Script answering(std::string bytes);
// Reads one request, answers these bytes one write(2) each, and closes.
LoopbackServer::Script dribbling(std::string bytes);
// Reads one request, answers these bytes and then "x" for ever.
LoopbackServer::Script endless(std::string head);
// Takes requests and never says anything.
LoopbackServer::Script silent();
// Reads one request, writes these bytes, and closes.
LoopbackServer::Script closing_after(std::string bytes);

}  // namespace fakes
