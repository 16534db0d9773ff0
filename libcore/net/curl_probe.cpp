// SPDX-License-Identifier: MIT
#include "libcore/net/curl_probe.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <sys/socket.h>

#include <curl/curl.h>

#include "libcore/base/text.hpp"
#include "libcore/net/http_date.hpp"
#include "libcore/net/http_probe.hpp"
#include "libcore/net/ip_address.hpp"
#include "libcore/net/probe_socket.hpp"
#include "libcore/net/url.hpp"

namespace core::net {
namespace {

// Of openssl/x509_vfy.h.
constexpr long k_not_yet_valid = 9;
constexpr long k_has_expired = 10;

// A question and its answer, of one address each.
std::uint64_t name_bytes(std::string_view host, const std::optional<Family>& only) {
  constexpr std::uint64_t k_around_name = 12 + 2 + 4;
  constexpr std::uint64_t k_record = 12;
  const auto one = [&](std::uint64_t address) {
    return 2 * udp_bytes(Family::v4, k_around_name + host.size()) + k_record + address;
  };
  std::uint64_t bytes = 0;
  if (only != Family::v6) bytes += one(4);
  if (only != Family::v4) bytes += one(16);
  return bytes;
}

class ApiQuestion {
 public:
  ApiQuestion(std::string url, const CurlProbeLimits& limits)
      : text_(std::move(url)), limits_(limits) {
    result_.kind = ProbeKind::api;
    result_.endpoint = text_;
  }
  ApiQuestion(const ApiQuestion&) = delete;  // libcurl points into it
  ApiQuestion& operator=(const ApiQuestion&) = delete;
  ~ApiQuestion() { clean_up(); }

  // nullptr: it cannot be asked, the result says why.
  CURL* prepare() {
    const auto url = parse_url(text_);
    if (!url) {
      result_.message = url.error().message;
      return nullptr;
    }
    url_ = *url;
    easy_ = curl_easy_init();
    if (easy_ == nullptr) {
      result_.message = "no memory";
      return nullptr;
    }
    set_options();
    return easy_;
  }

  // After its end.
  const ProbeResult& finish(CURLcode code) {
    take_facts();
    judge(code);
    clean_up();  // closes what is open, and counts it
    if (!names_address()) result_.bytes += name_bytes(url_.host, limits_.family);
    return result_;
  }
  [[nodiscard]] const ProbeResult& result() const { return result_; }
  [[nodiscard]] CURL* easy() const { return easy_; }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_, option, value);
  }

  void set_options() {
    set(CURLOPT_URL, url_.text().c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // or a timeout would wait for the resolver's thread
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_USERAGENT, "offkit");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // fewer bytes
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_ERRORBUFFER, error_text_.data());
    set(CURLOPT_WRITEFUNCTION, &ApiQuestion::on_body);
    set(CURLOPT_OPENSOCKETFUNCTION, &ApiQuestion::on_open);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_CLOSESOCKETFUNCTION, &ApiQuestion::on_close);
    set(CURLOPT_CLOSESOCKETDATA, this);
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(limits_.whole).count();
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(whole));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(whole));
    if (!limits_.ca_file.empty()) set(CURLOPT_CAINFO, limits_.ca_file.c_str());
    if (!limits_.ca_directory.empty()) set(CURLOPT_CAPATH, limits_.ca_directory.c_str());
    if (limits_.family) {
      set(CURLOPT_IPRESOLVE,
          static_cast<long>(*limits_.family == Family::v4 ? CURL_IPRESOLVE_V4 : CURL_IPRESOLVE_V6));
    }
    if (!limits_.interface.empty()) {
      set(CURLOPT_INTERFACE, ("if!" + limits_.interface).c_str());
    }
  }

  // The status is all that is wanted.
  static std::size_t on_body(char*, std::size_t, std::size_t, void*) { return 0; }

  // libcurl tries the other family when the first has failed, or 200 ms after it.
  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address) {
    auto& first = static_cast<ApiQuestion*>(self)->first_tried_;
    if (!first) first = address->family == AF_INET6 ? Family::v6 : Family::v4;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  static int on_close(void* self, curl_socket_t socket) {
    int domain = AF_INET;
    socklen_t size = sizeof domain;
    ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size);
    sockaddr_storage peer{};
    socklen_t peer_size = sizeof peer;
    auto* question = static_cast<ApiQuestion*>(self);
    question->was_connected_ |=
        ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0;
    sys::Fd fd(socket);
    question->result_.bytes += close_with_reset(fd, domain == AF_INET6 ? Family::v6 : Family::v4);
    return 0;
  }

  [[nodiscard]] bool names_address() const {
    const std::string_view host = url_.host;
    return host == "localhost" || host.starts_with('[') || parse_ip(host).has_value();
  }

  [[nodiscard]] Duration moment(CURLINFO which) const {
    curl_off_t value = 0;
    curl_easy_getinfo(easy_, which, &value);
    return Duration{value};
  }

  [[nodiscard]] long number(CURLINFO which) const {
    long value = 0;
    curl_easy_getinfo(easy_, which, &value);
    return value;
  }

  [[nodiscard]] std::string field(const char* name) const {
    curl_header* header = nullptr;
    const auto found = curl_easy_header(easy_, name, 0, CURLH_HEADER, -1, &header);
    return found == CURLHE_OK ? header->value : std::string{};
  }

  void take_facts() {
    result_.status = static_cast<int>(number(CURLINFO_RESPONSE_CODE));
    result_.elapsed = moment(CURLINFO_TOTAL_TIME_T);
    const char* address = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &address);
    if (const auto ip = parse_ip(address == nullptr ? "" : address)) {
      result_.address = ip->text();
      result_.family = ip->family;
      if (first_tried_ && *first_tried_ != ip->family) result_.silent = first_tried_;
    }
    auto before = moment(CURLINFO_NAMELOOKUP_TIME_T);
    is_resolved_ = before > Duration{0} || names_address();
    if (is_resolved_ && !names_address()) result_.times.dns = before;
    const auto step = [&](CURLINFO which, std::optional<Duration>& span) {
      const auto at = moment(which);
      if (at <= Duration{0}) return;
      span = at - before;
      before = at;
    };
    step(CURLINFO_CONNECT_TIME_T, result_.times.connect);
    step(CURLINFO_APPCONNECT_TIME_T, result_.times.tls);
    step(CURLINFO_STARTTRANSFER_TIME_T, result_.times.first_byte);
  }

  void judge(CURLcode code) {
    const bool is_cut_short = code == CURLE_WRITE_ERROR;  // by on_body
    if ((code == CURLE_OK || is_cut_short) && result_.status != 0) return judge_status();
    result_.outcome = outcome_of(code);
    if (result_.message.empty()) {
      const std::string detail = printable(trim(error_text_.data()), 200);
      result_.message = detail.empty() ? curl_easy_strerror(code) : detail;
    }
  }

  void judge_status() {
    constexpr int k_authentication_required = 511;
    const int status = result_.status;
    const bool is_redirect = status >= 300 && status < 400;
    result_.date = parse_http_date(field("date"));
    result_.retry_after = parse_pause(field("retry-after"), result_.date);
    result_.outcome = ProbeOutcome::answered;
    if (status == 429) result_.outcome = ProbeOutcome::throttled;
    if (status >= 400 && status < 500 && status != 429) result_.outcome = ProbeOutcome::turned_away;
    if (status >= 500) result_.outcome = ProbeOutcome::server_error;
    const bool is_stand_in =
        status == k_authentication_required || (is_redirect && url_.scheme == "http");
    if (is_stand_in) {
      result_.outcome = ProbeOutcome::wrong_answer;
      const auto location = resolve_url(url_, field("location"));
      if (!field("location").empty() && location) result_.location = location->text();
    }
    if (!result_.is_answered()) result_.message = "HTTP " + std::to_string(status);
  }

  ProbeOutcome explain(ProbeOutcome outcome, std::string message) {
    result_.message = std::move(message);
    return outcome;
  }

  ProbeOutcome outcome_of(CURLcode code) {
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
        return explain(ProbeOutcome::dns_no_name, "the name is not resolved");
      case CURLE_OPERATION_TIMEDOUT:
        return outcome_of_timeout();
      case CURLE_COULDNT_CONNECT: {
        const auto failure = failure_of(static_cast<int>(number(CURLINFO_OS_ERRNO)));
        if (!failure.is_failure()) return ProbeOutcome::timeout;
        return explain(failure.outcome, failure.message);
      }
      case CURLE_PEER_FAILED_VERIFICATION:
        return outcome_of_certificate();
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_SSL_CIPHER:
      case CURLE_SSL_ISSUER_ERROR:
      case CURLE_SSL_INVALIDCERTSTATUS:
      case CURLE_SSL_CACERT_BADFILE:
        return ProbeOutcome::tls;
      case CURLE_GOT_NOTHING:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_PARTIAL_FILE:
        return ProbeOutcome::lost;
      case CURLE_WEIRD_SERVER_REPLY:
      case CURLE_UNSUPPORTED_PROTOCOL:  // "Received HTTP/0.9 when not allowed"
        return ProbeOutcome::wrong_answer;
      default:
        return ProbeOutcome::not_sent;
    }
  }

  ProbeOutcome outcome_of_timeout() {
    if (!is_resolved_)
      return explain(ProbeOutcome::dns_timeout, "no answer of a DNS server in time");
    if (!was_connected_) return explain(ProbeOutcome::timeout, "no connection in time");
    if (!result_.times.tls && url_.scheme == "https") {
      return explain(ProbeOutcome::timeout, "no TLS handshake in time");
    }
    return explain(ProbeOutcome::timeout, "no answer in time");
  }

  ProbeOutcome outcome_of_certificate() {
    const long why = number(CURLINFO_SSL_VERIFYRESULT);
    if (why == k_not_yet_valid) {
      return explain(ProbeOutcome::certificate_time, "the certificate is not valid yet");
    }
    if (why == k_has_expired) {
      return explain(ProbeOutcome::certificate_time, "the certificate has expired");
    }
    return ProbeOutcome::tls;
  }

  void clean_up() {
    if (easy_ != nullptr) curl_easy_cleanup(easy_);
    easy_ = nullptr;
  }

  std::string text_;
  const CurlProbeLimits& limits_;
  Url url_;
  CURL* easy_ = nullptr;
  bool is_resolved_ = false;
  bool was_connected_ = false;  // known once the socket is closed, which is before the end
  std::optional<Family> first_tried_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  ProbeResult result_;
};

struct MultiEnd {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

Result<> probe_by_curl(
    const std::vector<std::string>& urls, const CurlProbeLimits& limits,
    const std::function<void(std::size_t index, const ProbeResult& result)>& tell) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(Errc::unavailable, "libcurl cannot be set up");
  }
  std::vector<std::unique_ptr<ApiQuestion>> questions;  // before the multi: it outlives that
  const std::unique_ptr<CURLM, MultiEnd> multi(curl_multi_init());
  if (!multi) return fail(Errc::unavailable, "libcurl cannot be set up");
  for (const auto& url : urls) {
    questions.push_back(std::make_unique<ApiQuestion>(url, limits));
    CURL* easy = questions.back()->prepare();
    if (easy == nullptr || curl_multi_add_handle(multi.get(), easy) != CURLM_OK) {
      tell(questions.size() - 1, questions.back()->result());
    }
  }
  int running = 1;
  while (running > 0) {
    curl_multi_perform(multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      CURL* easy = message->easy_handle;
      const auto code = message->data.result;
      const auto found =
          std::ranges::find(questions, easy, [](const auto& question) { return question->easy(); });
      if (found == questions.end()) continue;
      curl_multi_remove_handle(multi.get(), easy);
      tell(static_cast<std::size_t>(found - questions.begin()), (*found)->finish(code));
    }
    constexpr int k_longest_ms = 1000;  // libcurl's own timers end it sooner
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, k_longest_ms, nullptr);
  }
  return {};
}

}  // namespace core::net
