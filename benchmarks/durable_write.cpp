// SPDX-License-Identifier: MIT
//
// usage: durable_write DIRECTORY
//
// The least that makes a new file durable, and nobody sees half of it: write, fsync, rename, fsync
// of the folder. Linked statically, like empty_program: what the kernel and the disk take, whoever
// asks. DIRECTORY has folders tmp and new.

#include <cstdio>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace {

// As long as an operation is with its seal.
constexpr std::string_view k_bytes =
    R"({"v":1,"id":"01M7YK7VQH1Y41M3HNZ1F3C3AK","type":"http","created_at":"2026-11-21T08:26:00Z",)"
    R"("request":{"method":"POST","url":"http://127.0.0.1:9/metrics","headers":[["Content-Type",)"
    R"("application/json"]]},"payload":{"metric":"loss","step":1,"value":0.25},"crc":"00000000"})"
    "\n";

bool write_durably(const std::string& directory) {
  const auto name = std::to_string(::getpid());
  const auto temporary = directory + "/tmp/" + name;
  const auto folder = directory + "/new";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int entries = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0 || entries < 0) return false;
  if (::write(file, k_bytes.data(), k_bytes.size()) != static_cast<ssize_t>(k_bytes.size())) {
    return false;
  }
  if (::fsync(file) != 0) return false;
  if (std::rename(temporary.c_str(), (folder + "/" + name).c_str()) != 0) return false;
  return ::fsync(entries) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && write_durably(argv[1])) return 0;
  std::perror("durable_write");
  return 1;
}
