// SPDX-License-Identifier: MIT
//
// usage: netwatch-probe [--timeout DURATION] [-4|-6] [--interface NAME] [URL...]
//
// A helper of netwatch, which has libcurl: asks the URLs, or those on standard input, one a line,
// all at once, and prints a line of JSON for each as soon as it is known what comes of it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "libcore/base/text.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/exit_code.hpp"
#include "libcore/cli/output.hpp"
#include "libcore/net/curl_probe.hpp"
#include "libcore/net/probe_line.hpp"
#include "libcore/sys/environment.hpp"
#include "libcore/sys/fd.hpp"

namespace {

using core::Errc;
using core::Result;
using core::net::Family;

struct Question {
  std::vector<std::string> urls;
  core::net::CurlProbeLimits limits;
};

Result<Question> parse(const std::vector<std::string_view>& words) {
  Question question;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    const bool has_value = word == "--timeout" || word == "--interface";
    if (has_value && i + 1 == words.size()) {
      return core::fail(Errc::usage, "no value: " + std::string(word));
    }
    if (word == "-4" || word == "-6") {
      question.limits.family = word == "-4" ? Family::v4 : Family::v6;
    } else if (word == "--timeout") {
      TRY_ASSIGN(question.limits.whole, core::parse_duration(words[++i]));
    } else if (word == "--interface") {
      question.limits.interface = words[++i];
    } else if (word.starts_with('-')) {
      return core::fail(Errc::usage, "unknown option: " + core::printable(word));
    } else {
      question.urls.emplace_back(word);
    }
  }
  return question;
}

// As curl does it.
void take_certificates(core::net::CurlProbeLimits& limits) {
  const core::sys::SystemEnvironment environment;
  for (const auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"})
    if (limits.ca_file.empty()) limits.ca_file = environment.value_or_nothing(name).value_or("");
  limits.ca_directory = environment.value_or_nothing("SSL_CERT_DIR").value_or("");
}

Result<> read_urls(std::vector<std::string>& urls) {
  constexpr std::size_t k_most = 1024UL * 1024;
  TRY_ASSIGN(const auto text, core::sys::read_up_to(STDIN_FILENO, k_most, "standard input"));
  for (const auto line : core::split(text, '\n'))
    if (!core::trim(line).empty()) urls.emplace_back(core::trim(line));
  return {};
}

Result<> run(const std::vector<std::string_view>& words) {
  TRY_ASSIGN(auto question, parse(words));
  take_certificates(question.limits);
  if (question.urls.empty()) TRY(read_urls(question.urls));
  core::cli::FdOutput out(STDOUT_FILENO, "standard output", core::cli::FdOutput::Buffering::none);
  TRY(core::net::probe_by_curl(question.urls, question.limits,
                               [&](std::size_t, const core::net::ProbeResult& result) {
                                 out.write(core::net::format_probe_line(result) + "\n");
                               }));
  return out.flush();
}

}  // namespace

int main(int argc, char** argv) {
  const auto done = run({argv + 1, argv + argc});
  if (done) return 0;
  core::cli::FdOutput err(STDERR_FILENO, "standard error", core::cli::FdOutput::Buffering::none);
  err.write("netwatch-probe: " + done.error().message + "\n");
  return static_cast<int>(core::cli::exit_code(done.error().code));
}
