// SPDX-License-Identifier: MIT
#include "tests/crashlab/sweep_lab.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include <unistd.h>

#include <fmt/core.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"

namespace sweep {

using core::Errc;
using core::Result;

namespace {

// In memory where that is possible: the sweep is about what is called, not about the disk.
Result<std::string> make_directory() {
  for (const char* parent : {"/dev/shm", "/tmp"}) {
    std::string path = std::string(parent) + "/sweep.XXXXXX";
    if (::access(parent, W_OK) == 0 && ::mkdtemp(path.data()) != nullptr) return path;
  }
  return core::sys::io_error("mkdtemp", "/tmp/sweep.XXXXXX", errno);
}

// Nothing of who runs the sweep gets into it.
Surroundings surroundings_in(const std::string& directory, const std::string& build) {
  return {.scratch = directory,
          .variables = {"PATH=" + build + "/bin:/usr/local/bin:/usr/bin:/bin",
                        "HOME=" + directory + "/home", "XDG_CONFIG_HOME=" + directory + "/config",
                        "OFFQ_DIR=" + directory + "/queue", "LC_ALL=C.UTF-8"}};
}

}  // namespace

Result<std::unique_ptr<Lab>> Lab::open(const std::string& build) {
  TRY_ASSIGN(const std::string directory, make_directory());
  auto surroundings = surroundings_in(directory, build);
  std::error_code failed;
  std::filesystem::create_directories(directory + "/config/offkit", failed);
  const std::string program = build + "/tests/faulty_server";
  TRY_ASSIGN(auto good, Server::start({program, "good"}, surroundings, directory + "/good.log"));
  TRY_ASSIGN(auto failing,
             Server::start({program, "500"}, surroundings, directory + "/failing.log"));
  return std::unique_ptr<Lab>(new Lab(directory, build + "/bin/offq", std::move(surroundings),
                                      std::move(good), std::move(failing)));
}

Lab::~Lab() {
  std::error_code ignored;
  if (!is_kept_) std::filesystem::remove_all(directory_, ignored);
}

Result<Ended> Lab::offq(std::vector<std::string> arguments) const {
  return offq_under({}, arguments);
}

Result<Ended> Lab::offq_under(std::vector<std::string> prefix,
                              const std::vector<std::string>& arguments) const {
  prefix.push_back(program_);
  prefix.insert(prefix.end(), arguments.begin(), arguments.end());
  return run(prefix, surroundings_);
}

Result<std::string> Lab::must(std::vector<std::string> arguments,
                              const std::vector<int>& statuses) const {
  TRY_ASSIGN(auto ended, offq(arguments));
  const bool is_as_wanted =
      std::ranges::any_of(statuses, [&](int status) { return ended.exited_with(status); });
  if (is_as_wanted) return std::move(ended.out);
  return core::fail(Errc::io, fmt::format("offq {}: {}: {}", arguments.front(), ended.text(),
                                          core::trim(ended.err)));
}

Result<> Lab::aim_at(Target target) const {
  const auto& server = target == Target::good ? good_ : failing_;
  std::ofstream file(directory_ + "/config/offkit/config.yaml");
  file << fmt::format("endpoints: {{s: {{url: \"{}\"}}}}\ntypes: {{t: {{endpoint: s}}}}\n",
                      server.url());
  file.close();
  return file ? Result<>{} : Result<>(core::fail(Errc::io, "write: config.yaml"));
}

std::vector<std::string> Lab::delivered() {
  std::vector<std::string> keys;
  const std::string news = good_.news();
  for (const auto line : core::split(news, '\n')) {
    const auto words = core::split(line, ' ');
    if (words.size() == 3) keys.emplace_back(words[2]);
  }
  return keys;
}

Result<> Lab::copy(const std::string& from, const std::string& to) const {
  std::error_code ignored;
  std::filesystem::remove_all(to, ignored);
  if (!std::filesystem::exists(from)) return {};
  TRY_ASSIGN(const auto ended, run({"cp", "-a", from, to}, surroundings_));
  if (!ended.exited_with(0)) return core::fail(Errc::io, "cp: " + ended.err);
  return {};
}

Result<> Lab::reset() const {
  return copy(start(), queue());
}

Result<> Lab::save() const {
  return copy(queue(), start());
}

}  // namespace sweep
