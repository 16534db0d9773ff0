// SPDX-License-Identifier: MIT
//
// usage: durable_moves QUEUE
//
// The file operations that delivering takes, and nothing else: every file of QUEUE/pending is read,
// and for each group of 256 receipts are appended and synced, the files are renamed into
// QUEUE/synced, and both folders are synced. No request, no index. With the time of bare_curl_loop
// it is the least that a sync of single files could take on one thread.

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr std::size_t k_group = 256;
// As long as the receipt of a delivery with a short answer.
constexpr std::size_t k_receipt_length = 300;

class Folder {
 public:
  explicit Folder(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { ::close(fd_); }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

bool read_whole(int folder, const std::string& name) {
  char bytes[4096];
  const int file = ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  const bool is_read = file >= 0 && ::read(file, bytes, sizeof bytes) > 0;
  ::close(file);
  return is_read;
}

bool settle(const Folder& from, const Folder& to, int journal,
            const std::vector<std::string>& group) {
  std::string receipts;
  for (std::size_t i = 0; i < group.size(); ++i) {
    receipts.append(k_receipt_length - 1, 'r');
    receipts += '\n';
  }
  if (::write(journal, receipts.data(), receipts.size()) < 0 || ::fdatasync(journal) != 0) {
    return false;
  }
  for (const auto& name : group) {
    if (::renameat2(from.fd(), name.c_str(), to.fd(), name.c_str(), RENAME_NOREPLACE) != 0) {
      return false;
    }
  }
  return ::fsync(to.fd()) == 0 && ::fsync(from.fd()) == 0;
}

bool move_all(const std::string& queue) {
  const Folder pending(queue + "/pending");
  const Folder synced(queue + "/synced");
  const std::string journal_path = queue + "/receipts/floor.jsonl";
  const int journal = ::open(journal_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (pending.fd() < 0 || synced.fd() < 0 || journal < 0) return false;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(queue + "/pending"))
    names.push_back(entry.path().filename().string());
  std::vector<std::string> group;
  for (auto& name : names) {
    if (!read_whole(pending.fd(), name)) return false;
    group.push_back(std::move(name));
    if (group.size() < k_group) continue;
    if (!settle(pending, synced, journal, group)) return false;
    group.clear();
  }
  return settle(pending, synced, journal, group) && ::close(journal) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && move_all(argv[1])) return 0;
  std::perror("durable_moves");
  return 1;
}
