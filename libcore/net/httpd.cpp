// SPDX-License-Identifier: MIT
#include "libcore/net/httpd.hpp"

#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <fmt/core.h>
#include <httplib.h>

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
        if (connection.is_head_too_long()) overwrite_too_long(connection);
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

  // cpp-httplib has nothing to say about a request line without an end.
  static void overwrite_too_long(Connection& connection) {
    const ServerAnswer answer = ServerAnswer::refusal(431, "request head too large");
    connection.forget_output();
    const std::string text = fmt::format(
        "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        answer.body.size(), answer.body);
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
