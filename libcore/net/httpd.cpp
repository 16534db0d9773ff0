// SPDX-License-Identifier: MIT
#include "libcore/net/httpd.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/core.h>
#include <httplib.h>
#include <netdb.h>
#include <netinet/tcp.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"

namespace core::net {
namespace {

using std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr int k_backlog = 512;
constexpr std::size_t k_buffer = 64UL * 1024;

int milliseconds_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 3'600'000));
}

// One client: buffers both directions, and gives up when its time is over or the server stops.
// cpp-httplib reads the head of a request through it; bodies are read through ByteSource.
class Connection final : public httplib::Stream, public ByteSource {
 public:
  Connection(int socket, int stop, const ServerLimits& limits)
      : socket_(socket), stop_(stop), limits_(limits), in_(k_buffer, '\0') {}

  // Whether a request begins to arrive in time. `is_crowded`: others wait for this thread.
  bool wait_for_request(const std::function<bool()>& is_crowded) {
    constexpr Milliseconds k_slice{1000};
    head_.clear();
    phase_ = Phase::head;
    const auto deadline = steady_clock::now() + limits_.idle_time;
    while (begin_ == end_) {
      const auto slice = std::min(deadline, steady_clock::now() + k_slice);
      const Ready ready = wait(POLLIN, slice);
      if (ready == Ready::stopped) return false;
      if (ready == Ready::yes) break;
      if (steady_clock::now() >= deadline || is_crowded()) return false;
    }
    deadline_ = steady_clock::now() + limits_.head_time;
    return true;
  }

  [[nodiscard]] const std::string& head() const { return head_; }
  [[nodiscard]] bool is_head_too_long() const { return head_.size() >= limits_.head.value; }

  enum class Announce { nothing, go_ahead };  // go_ahead: the client waits for "100 Continue"
  void begin_body(Announce announce) {
    phase_ = Phase::body;
    body_begin_ = steady_clock::now();
    body_bytes_ = 0;
    announce_ = announce;
  }

  Result<std::string_view> peek() override {
    if (begin_ == end_) {
      if (std::exchange(announce_, Announce::nothing) == Announce::go_ahead) {
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        if (!flush()) return fail(Errc::io, "connection lost");
      }
      TRY(fill());
    }
    return std::string_view(in_).substr(begin_, end_ - begin_);
  }
  void consume(std::size_t count) override { begin_ += count; }

  void forget_output() { out_.clear(); }
  // Everything written from now on is dropped.
  void mute() { is_muted_ = true; }
  bool flush() {
    std::string_view rest = out_;
    const auto deadline = steady_clock::now() + limits_.write_time;
    while (!rest.empty() && !is_muted_) {
      const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
      if (sent < 0 && errno == EAGAIN && wait(POLLOUT, deadline) == Ready::yes) continue;
      if (sent < 0 && errno != EINTR) is_muted_ = true;
    }
    out_.clear();
    return !is_muted_;
  }

  // Reads on for a moment after the answer: closing a socket with unread bytes resets the
  // connection, and the client would lose the answer.
  void linger() {
    constexpr Milliseconds k_patience{1000};
    constexpr std::size_t k_most = 16UL << 20U;
    ::shutdown(socket_, SHUT_WR);
    const auto deadline = steady_clock::now() + k_patience;
    std::size_t seen = 0;
    while (seen < k_most && wait(POLLIN, deadline) == Ready::yes) {
      const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
      if (got <= 0) return;
      seen += static_cast<std::size_t>(got);
    }
  }

  // --- httplib::Stream ---

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* bytes, std::size_t size) override {
    if (is_head_too_long()) return -1;
    const auto arrived = peek();
    if (!arrived) return -1;
    const auto taken = arrived->substr(0, std::min(size, limits_.head.value - head_.size()));
    std::memcpy(bytes, taken.data(), taken.size());
    head_ += taken;
    consume(taken.size());
    return static_cast<ssize_t>(taken.size());
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    out_.append(bytes, size);
    if (out_.size() > k_buffer && !flush()) return -1;
    return is_muted_ ? -1 : static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    get_remote_ip_and_port(ip, port);
  }
  [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
  enum class Ready { yes, late, stopped };
  enum class Phase { head, body };

  Ready wait(short events, steady_clock::time_point deadline) const {
    std::array<pollfd, 2> polled{{{socket_, events, 0}, {stop_, POLLIN, 0}}};
    int count = 0;
    do {
      count = ::poll(polled.data(), polled.size(), milliseconds_until(deadline));
    } while (count < 0 && errno == EINTR);
    if (polled[1].revents != 0) return Ready::stopped;
    return polled[0].revents != 0 ? Ready::yes : Ready::late;
  }

  [[nodiscard]] steady_clock::time_point deadline() const {
    if (phase_ == Phase::head) return deadline_;
    return body_begin_ + limits_.body_grace + std::chrono::seconds(body_bytes_ / limits_.body_rate);
  }

  // At least one byte, or none at the end of the stream.
  Result<> fill() {
    begin_ = end_ = 0;
    while (true) {
      const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
      if (got >= 0) {
        end_ = static_cast<std::size_t>(got);
        body_bytes_ += end_;
        return {};
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return fail(Errc::io, "connection lost");
      const Ready ready = wait(POLLIN, deadline());
      if (ready == Ready::late) return fail(Errc::timeout, "client too slow");
      if (ready == Ready::stopped) return fail(Errc::io, "server stops");
    }
  }

  const int socket_;
  const int stop_;
  const ServerLimits& limits_;
  std::string in_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;
  bool is_muted_ = false;
  std::string head_;
  Phase phase_ = Phase::head;
  steady_clock::time_point deadline_;
  steady_clock::time_point body_begin_;
  std::uint64_t body_bytes_ = 0;
  Announce announce_ = Announce::nothing;
};

bool has_token(const std::string* field, std::string_view token) {
  if (field == nullptr) return false;
  const auto words = split(*field, ',');
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return equals_ignoring_case(trim(word), token);
  });
}

// One request on a connection and its answer.
class Exchange {
 public:
  Exchange(Connection& connection, const ServerLimits& limits, int stop,
           const HttpServer::Answerer& answerer)
      : connection_(connection), limits_(limits), stop_(stop), answerer_(answerer) {}

  // Carries the exchange through cpp-httplib, which has no room for a server's own things: this
  // member of its requests is for clients only.
  struct Carrier {
    Exchange* exchange = nullptr;
    bool operator()(std::uint64_t, std::uint64_t) const { return true; }
  };

  void begin(httplib::Request& parsed) {
    request_.method = parsed.method;
    request_.target = parsed.target;
    if (parsed.version != "HTTP/1.1") ends_connection_ = true;
    // The library decodes percent signs in header values; what is stored must be what came.
    const std::string_view head = connection_.head();
    const auto fields_begin = head.find("\r\n") + 2;
    auto fields = parse_fields(head.substr(fields_begin, head.size() - fields_begin - 2));
    if (fields) {
      request_.headers = *std::move(fields);
    } else {
      malformed_ = fields.error().message;
    }
    // Nothing is left for the library to act on: ranges, compression, forms.
    parsed.headers.clear();
    parsed.ranges.clear();
    parsed.progress = Carrier{this};
    parsed_ = &parsed;
  }

  void respond(httplib::Response& response) {
    answer_ = answer();
    if (answer_.delay > std::chrono::microseconds::zero()) {
      pollfd polled{stop_, POLLIN, 0};
      ::poll(&polled, 1, milliseconds_until(steady_clock::now() + answer_.delay));
    }
    if (has_token(request_.header("Connection"), "close")) ends_connection_ = true;
    if (answer_.delivery == Delivery::drop) {
      ends_connection_ = true;
      connection_.mute();
    }
    if (ends_connection_) parsed_->set_header("Connection", "close");
    response.status = answer_.status;
    for (const auto& [name, value] : answer_.headers)
      response.set_header(name, value);
    response.set_content(answer_.body, answer_.media_type);
  }

  [[nodiscard]] bool has_begun() const { return parsed_ != nullptr; }
  [[nodiscard]] bool ends_connection() const { return ends_connection_; }
  [[nodiscard]] bool has_unread_body() const { return has_unread_body_; }
  [[nodiscard]] const ServerRequest& request() const { return request_; }
  [[nodiscard]] const ServerAnswer& given() const { return answer_; }
  [[nodiscard]] std::uint64_t body_size() const { return body_size_; }

 private:
  ServerAnswer answer() {
    if (!malformed_.empty()) return unreadable(400, malformed_);
    const auto framing = framing_of(request_.headers);
    if (!framing) return unreadable(400, framing.error().message);
    if (request_.method == "CONNECT") return unreadable(405, "not a proxy");
    const std::string* expects = request_.header("Expect");
    if (expects != nullptr && !equals_ignoring_case(*expects, "100-continue")) {
      return unreadable(417, "unknown expectation");
    }
    RequestBody body(connection_, *framing, limits_.body);
    if (body.is_announced_too_large()) return unreadable(413, "body too large");
    connection_.begin_body(expects != nullptr ? Connection::Announce::go_ahead
                                              : Connection::Announce::nothing);
    ServerAnswer given = answerer_(request_, body);
    if (expects == nullptr) skip_rest(body);
    body_size_ = body.received();
    if (!body.is_finished()) ends_connection_ = has_unread_body_ = true;
    if (body.failure() == BodyFailure::lost) connection_.mute();
    return given;
  }

  // A short body that nobody wanted is cheaper to read than a new connection.
  static void skip_rest(RequestBody& body) {
    while (!body.is_finished() && body.received() < k_buffer) {
      if (!body.next()) return;
    }
  }

  ServerAnswer unreadable(int status, std::string_view why) {
    ends_connection_ = has_unread_body_ = true;
    return ServerAnswer::refusal(status, why);
  }

  Connection& connection_;
  const ServerLimits& limits_;
  const int stop_;
  const HttpServer::Answerer& answerer_;
  ServerRequest request_;
  ServerAnswer answer_;
  std::string malformed_;
  httplib::Request* parsed_ = nullptr;
  std::uint64_t body_size_ = 0;
  bool ends_connection_ = false;
  bool has_unread_body_ = false;
};

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

Result<sys::Fd> bind_one(const addrinfo& candidate, const std::string& subject) {
  sys::Fd fd(
      ::socket(candidate.ai_family, candidate.ai_socktype | SOCK_CLOEXEC, candidate.ai_protocol));
  if (!fd.is_open()) return sys::io_error("listen", subject, errno);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted ones inherit it
  if (candidate.ai_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(fd.get(), candidate.ai_addr, candidate.ai_addrlen) != 0 ||
      ::listen(fd.get(), k_backlog) != 0) {
    const int error_number = errno;
    if (error_number == EADDRINUSE) {
      return fail(Errc::later, fmt::format("listen: {}: another program listens there", subject));
    }
    return sys::io_error("listen", subject, error_number);
  }
  return fd;
}

Result<sys::Fd> bind_socket(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int outcome = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (outcome != 0) {
    return fail(Errc::usage,
                fmt::format("listen: {}: {}", address.text(), ::gai_strerror(outcome)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Result<sys::Fd> bound = sys::Fd{};
  for (const auto* candidate = found; candidate != nullptr; candidate = candidate->ai_next) {
    bound = bind_one(*candidate, address.text());
    // "localhost" may stand for ::1 first, on a machine without IPv6. But where somebody else
    // listens, a server on another address of the same name would only hide the mistake.
    if (bound || bound.error().code == Errc::later) break;
  }
  return bound;
}

int port_of(const sys::Fd& fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  std::array<char, NI_MAXSERV> port{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how the socket API wants it
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(fd.get(), address, &length) != 0) return 0;
  ::getnameinfo(address, length, nullptr, 0, port.data(), port.size(), NI_NUMERICSERV);
  return static_cast<int>(parse_unsigned(port.data()).value_or(0));
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
