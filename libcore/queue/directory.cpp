// SPDX-License-Identifier: MIT
#include "libcore/queue/directory.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

constexpr ByteCount k_reserve_size{1U << 20U};
constexpr ByteCount k_least_reserve{1U << 16U};  // for the outcomes of a few requests
constexpr ByteCount k_description_limit{4096};
// For the journals of some days, and what SQLite makes beside a database.
constexpr int k_spare_files = 8;

std::string spare_file(int number) {
  return fmt::format("{}.{}", path::k_reserve, number);
}

// Makes the directory and every missing parent, each durable in its own parent.
Result<> make_durably(const std::string& directory) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(directory).lexically_normal();
  std::error_code error;
  if (fs::is_directory(path, error)) return {};
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (parent != path) TRY(make_durably(parent.string()));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return sys::io_error("create queue", directory, errno);
  }
  const sys::Fd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.is_open() && ::fsync(fd.get()) != 0 && errno != EINVAL) {
    return sys::io_error("fsync", parent.string(), errno);
  }
  return {};
}

tl::unexpected<Error> no_queue(const std::string& directory) {
  return fail(Errc::not_found, fmt::format("open queue: {}: no queue there yet", directory));
}

Result<> create_tree(sys::Files& files, const sys::Clock& clock, sys::Random& random) {
  for (const auto state : k_states)
    TRY(files.make_directory(folder(state)));
  for (const char* name : {path::k_receipts, path::k_blobs, path::k_keys, path::k_temporary}) {
    TRY(files.make_directory(name));
  }
  // When they are needed there may be no inode for them.
  for (const char* name : {path::k_lock, path::k_keys_lock})
    TRY(files.lock(name, sys::Wait::no));
  const std::string id = make_ulid(clock, random).text();
  const std::string temporary = temporary_path(path::k_description, ::getpid());
  TRY_ASSIGN(
      const sys::Fd lock,
      files.create(temporary,
                   codec::JsonObject().add("format", k_format).add("queue", id).text() + "\n"));
  TRY(sys::put_in_place(files, temporary, path::k_description));
  return files.sync_directory(".");
}

Result<> check_description(const sys::Files& files, const std::string& text) {
  const std::string object = files.root() + "/" + path::k_description;
  const auto refuse = [&](const std::string& cause) {
    return fail(Errc::config, fmt::format("open queue: {}: {}", object, cause));
  };
  const auto refuse_damaged = [&](const std::string& cause) {
    return fail(Errc::corrupt, fmt::format("open queue: {}: damaged: {}: remove it, and the next "
                                           "command makes it anew; the operations stay",
                                           object, cause));
  };
  const auto members = codec::parse_flat_object(text);
  if (!members) return refuse_damaged(members.error().message);
  const auto member = members->find("format");
  const auto format = member == members->end() ? std::nullopt : parse_unsigned(member->second);
  if (!format) return refuse_damaged("it names no format");
  if (*format > static_cast<std::uint64_t>(k_format)) {
    return refuse(
        fmt::format("the queue has format {}, this offkit understands up to {}: "
                    "use a newer offkit",
                    *format, k_format));
  }
  return {};
}

}  // namespace

Result<std::string> queue_id(const sys::Files& files) {
  TRY_ASSIGN(const auto text, sys::read_file(files, path::k_description, k_description_limit));
  auto members = codec::parse_flat_object(text.value_or(""));
  if (!members || (*members)["queue"].empty()) {
    return fail(Errc::config, files.root() + "/" + path::k_description + ": it has no queue id");
  }
  return (*members)["queue"];
}

Ulid make_ulid(const sys::Clock& clock, sys::Random& random) {
  std::array<std::uint8_t, 10> bytes{};
  random.fill(bytes);
  return {clock.now(), bytes};
}

Result<> prepare(sys::Files& files, const sys::Clock& clock, sys::Random& random) {
  TRY_ASSIGN(const auto text, sys::read_file(files, path::k_description, k_description_limit));
  if (text) return check_description(files, *text);
  TRY(create_tree(files, clock, random));
  keep_reserve(files);
  return {};
}

Result<std::unique_ptr<sys::Files>> open_directory(const std::string& directory, Create create,
                                                   const sys::Clock& clock, sys::Random& random,
                                                   Purpose purpose) {
  auto opened = sys::RealFiles::at(directory);
  if (!opened && opened.error().code == Errc::not_found) {
    if (create == Create::no) {
      return no_queue(directory);
    }
    TRY(make_durably(directory));
    opened = sys::RealFiles::at(directory);
  }
  if (!opened) return wrap("open queue", std::move(opened).error());
  if (auto checked = opened->check_private(); !checked) {
    return wrap("open queue", std::move(checked).error());
  }
  TRY_ASSIGN(const auto description, opened->status(path::k_description));
  // Somebody else's empty directory is no queue; one that only lost its description is.
  if (create == Create::no) {
    TRY_ASSIGN(const auto pending, opened->status(folder(State::pending)));
    if (!description && !pending) return no_queue(directory);
  }
  auto files = std::make_unique<sys::RealFiles>(*std::move(opened));
  const auto prepared = prepare(*files, clock, random);
  if (!prepared && (description || purpose == Purpose::change)) {
    return tl::unexpected<Error>(prepared.error());
  }
  return std::unique_ptr<sys::Files>(std::move(files));
}

void keep_reserve(sys::Files& files) {
  const auto blocks = files.status(path::k_reserve);
  const bool has_blocks = blocks && *blocks && (**blocks).size == k_reserve_size.value;
  const auto last = files.status(spare_file(k_spare_files));
  const bool has_files = last && *last;
  if (has_blocks && has_files) return;
  const auto room = files.space();
  // Best effort: a queue without a reserve works until the disk is full.
  if (!room) return;
  if (!has_blocks && room->free_bytes.value >= 8 * k_reserve_size.value) {
    if (!files.allocate(path::k_reserve, k_reserve_size)) return release_reserve(files);
  }
  // Where there is no limit to inodes none are said to be free.
  if (has_files || room->free_inodes < 2 * k_spare_files) return;
  for (int i = 1; i <= k_spare_files; ++i) {
    if (!files.allocate(spare_file(i), {0})) return;
  }
}

bool is_of_reserve(std::string_view name) {
  if (name == path::k_reserve) return true;
  for (int i = 1; i <= k_spare_files; ++i) {
    if (name == spare_file(i)) return true;
  }
  return false;
}

void release_reserve(sys::Files& files) {
  [[maybe_unused]] const auto freed = files.allocate(path::k_reserve, {0});
  for (int i = 1; i <= k_spare_files; ++i) {
    [[maybe_unused]] const auto removed = files.remove(spare_file(i));
  }
}

Result<> require_reserve(sys::Files& files) {
  const auto status = files.status(path::k_reserve);
  if (status && *status && (**status).size >= k_least_reserve.value) return {};
  auto made = files.allocate(path::k_reserve, k_least_reserve);
  if (made) return {};
  release_reserve(files);
  if (made.error().code != Errc::full) return {};
  return wrap("nothing is sent: outcomes could not be recorded", std::move(made).error());
}

}  // namespace core::queue
