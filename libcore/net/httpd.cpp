// SPDX-License-Identifier: MIT
#include "libcore/net/httpd.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <fmt/core.h>
#include <httplib.h>

#include "libcore/base/text.hpp"
#include "libcore/net/httpd_connection.hpp"
#include "libcore/net/httpd_exchange.hpp"
#include "libcore/net/httpd_listen.hpp"
#include "libcore/sys/fd.hpp"

namespace core::net {
namespace {

// The library's thread pool, which also knows how many connections wait for a thread.
class Workers final : public httplib::TaskQueue {
 public:
  Workers(std::size_t threads, std::atomic<int>& waiting) : pool_(threads), waiting_(waiting) {}
  void enqueue(std::function<void()> task) override {
    ++waiting_;
    pool_.enqueue([this, task = std::move(task)] {
      --waiting_;
      task();
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  httplib::ThreadPool pool_;
  std::atomic<int>& waiting_;
};

// The method of a request line in which nothing else is wrong. nullopt: it is known, or the line is
// malformed.
std::optional<std::string> unknown_method(std::string_view head) {
  constexpr std::string_view k_known[] = {"GET",    "HEAD",    "POST",  "PUT",    "PATCH",
                                          "DELETE", "OPTIONS", "TRACE", "CONNECT"};
  constexpr std::size_t k_words = 3;
  const auto words = split(head.substr(0, head.find("\r\n")), ' ');
  const bool is_line = head.find("\r\n") != std::string_view::npos && words.size() == k_words &&
                       is_token(words[0]) && !words[1].empty() && words[2].starts_with("HTTP/1.");
  if (!is_line || std::ranges::find(k_known, words[0]) != std::end(k_known)) return std::nullopt;
  return std::string(words[0]);
}

// Blocks all signals in this thread, and so in threads that it starts, until the end of the scope.
class SignalsElsewhere {
 public:
  SignalsElsewhere() {
    sigset_t all{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsElsewhere(const SignalsElsewhere&) = delete;
  SignalsElsewhere& operator=(const SignalsElsewhere&) = delete;
  ~SignalsElsewhere() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
};

}  // namespace

class HttpServer::Implementation final : public httplib::Server {
 public:
  Implementation(ListenAddress address, const ServerLimits& limits, sys::Fd listening, sys::Fd stop)
      : address_(std::move(address)),
        limits_(limits),
        listening_(std::move(listening)),
        stop_(std::move(stop)) {
    // Bound here and not by the library, which shares the port with other processes
    // (SO_REUSEPORT), queues five connections and does not say why it failed. It closes this
    // descriptor itself, hence the copy.
    svr_sock_ = ::fcntl(listening_.get(), F_DUPFD_CLOEXEC, 0);
    new_task_queue = [this] {
      return new Workers(limits_.connections, waiting_);  // NOLINT(cppcoreguidelines-owning-memory)
    };
    set_keep_alive_max_count(1'000'000);
    set_keep_alive_timeout(std::chrono::floor<std::chrono::seconds>(limits_.idle_time).count());
    set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      request.progress.target<Exchange::Carrier>()->exchange->respond(response);
      return HandlerResponse::Handled;
    });
  }

  [[nodiscard]] const ListenAddress& address() const { return address_; }

  Result<> serve(const Answerer& answer, const Observer& observe,
                 const std::function<bool()>& is_interrupted) {
    answer_ = &answer;
    observe_ = &observe;
    const SignalsElsewhere blocked;
    std::thread accepting([this] {
      listen_after_bind();
      ::eventfd_write(stop_.get(), 1);
    });
    pollfd polled{stop_.get(), POLLIN, 0};
    // Signals come in during ppoll only, so one that came before they were blocked is seen here.
    // SIGCONT and its like interrupt as well.
    while (!is_interrupted() && ::ppoll(&polled, 1, nullptr, &blocked.before()) < 0) {
    }
    const bool was_asked = is_stopping_ || is_interrupted();
    request_stop();
    accepting.join();
    if (!was_asked) return fail(Errc::io, "accept: " + address_.text() + ": failed");
    return {};
  }

  void request_stop() {
    is_stopping_ = true;
    ::eventfd_write(stop_.get(), 1);
    ::shutdown(listening_.get(), SHUT_RDWR);  // ends the library's accept(2)
  }

 private:
  bool process_and_close_socket(socket_t number) override {
    const sys::Fd socket(number);
    Connection connection(number, stop_.get(), limits_);
    while (connection.wait_for_request([this] { return waiting_ > 0; })) {
      Exchange exchange(connection, limits_, stop_.get(), *answer_);
      bool closes = false;
      const bool is_written = process_request(
          connection, false, closes, [&](httplib::Request& request) { exchange.begin(request); });
      if (!exchange.has_begun()) {
        // cpp-httplib has nothing to say about a request line without an end, and takes a method
        // that it does not know for a malformed line.
        const auto method = unknown_method(connection.head());
        if (connection.is_head_too_long()) {
          overwrite(connection, "Request Header Fields Too Large",
                    ServerAnswer::refusal(431, "request head too large"));
        } else if (method) {
          overwrite(connection, "Not Implemented",
                    ServerAnswer::refusal(501, "unknown method '" + printable(*method, 20) + "'"));
        }
        if (connection.flush()) connection.linger();
        break;
      }
      const bool is_sent = connection.flush();
      (*observe_)(exchange.request(), exchange.given(), exchange.body_size());
      if (is_sent && exchange.has_unread_body()) connection.linger();
      if (!is_sent || !is_written || closes || exchange.ends_connection() || is_stopping_) break;
    }
    return true;
  }

  static void overwrite(Connection& connection, std::string_view reason,
                        const ServerAnswer& answer) {
    connection.forget_output();
    const std::string text = fmt::format(
        "HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Type: {}\r\n"
        "Content-Length: {}\r\n\r\n{}",
        answer.status, reason, answer.media_type, answer.body.size(), answer.body);
    connection.write(text.data(), text.size());
  }

  const ListenAddress address_;
  const ServerLimits limits_;
  const sys::Fd listening_;
  const sys::Fd stop_;  // readable once the server stops, for everybody who waits
  const Answerer* answer_ = nullptr;
  const Observer* observe_ = nullptr;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<int> waiting_ = 0;
};

HttpServer::HttpServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ListenAddress& address,
                                                       const ServerLimits& limits) {
  sys::Fd stop(::eventfd(0, EFD_CLOEXEC));
  if (!stop.is_open()) return sys::io_error("listen", address.text(), errno);
  TRY_ASSIGN(sys::Fd listening, bind_socket(address));
  ListenAddress real{.host = address.host, .port = port_of(listening)};
  return std::unique_ptr<HttpServer>(new HttpServer(std::make_unique<Implementation>(
      std::move(real), limits, std::move(listening), std::move(stop))));
}

const ListenAddress& HttpServer::address() const {
  return implementation_->address();
}

Result<> HttpServer::serve(const Answerer& answer, const Observer& observe,
                           const std::function<bool()>& is_interrupted) {
  return implementation_->serve(answer, observe, is_interrupted);
}

void HttpServer::stop() {
  implementation_->request_stop();
}

}  // namespace core::net
