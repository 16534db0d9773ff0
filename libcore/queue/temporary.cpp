// SPDX-License-Identifier: MIT
#include "libcore/queue/temporary.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/codec/envelope.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/usage.hpp"

namespace core::queue {
namespace {

class Tidying {
 public:
  Tidying(sys::Files& files, const sys::Clock& clock, const MayGoOn& may_go_on, Recovered& report)
      : files_(files), clock_(clock), may_go_on_(may_go_on), report_(report) {}

  Result<Writers> run() {
    std::vector<std::string> names;
    TRY(files_.list(path::k_temporary,
                    [&](const sys::DirectoryEntry& entry) { names.emplace_back(entry.name); }));
    for (const auto& name : names)
      TRY(tidy_one(name));
    return writers_;
  }

 private:
  Result<> tidy_one(const std::string& name) {
    TRY(may_go_on_());
    const std::string temporary = std::string(path::k_temporary) + "/" + name;
    TRY_ASSIGN(const auto status, files_.status(temporary));
    if (!status) return {};
    if (status->kind != sys::FileKind::regular) {
      report_.ignored.push_back(temporary + ": not a file");
      return {};
    }
    const auto busy = files_.is_being_written(temporary);
    if (!busy) {
      report_.unreadable.push_back({.state = {}, .cause = busy.error()});
      writers_ = Writers::some;  // nobody knows: it is to be looked at again
      return {};
    }
    // Created a moment ago and not locked yet: its writer is between open and flock.
    const bool young =
        status->size == 0 && clock_.now() - status->modified < std::chrono::seconds{10};
    if (*busy || young) {
      writers_ = Writers::some;
      return {};
    }
    const auto final_name = name_of_temporary(name);
    const auto file = final_name ? FileName::parse(*final_name) : std::nullopt;
    if (file && file->line == 0) {
      TRY_ASSIGN(const bool whole, is_whole(temporary));
      if (whole) return promote(temporary, *file);
    }
    TRY_ASSIGN(const bool removed, files_.remove(temporary));
    if (removed) ++report_.dropped;
    const bool is_batch = file && file->kind == FileName::Kind::batch;
    return is_batch ? give_up_serials(files_, clock_, file->stem) : Result<>{};
  }

  Result<bool> is_whole(const std::string& path) {
    std::uint32_t lines = 0;
    std::uint64_t end = 0;
    Result<> asked;  // its error says nothing of the file
    const auto read = each_line(
        files_, path,
        [&](std::string_view line, std::uint32_t number, std::uint64_t offset) -> Result<> {
          asked = may_go_on_();
          TRY(asked);
          lines = number;
          end = offset + line.size() + 1;
          return codec::is_sealed(line) ? Result<>{} : Result<>(fail(Errc::corrupt, "not sealed"));
        });
    TRY(asked);
    if (!read || lines == 0) return false;
    const auto status = files_.status(path);
    return status && *status && (**status).size == end;  // the last newline is there too
  }

  Result<> promote(const std::string& temporary, const FileName& file) {
    TRY_ASSIGN(const bool moved,
               move_or_make_room(files_, temporary, path_of(State::pending, file)));
    if (moved) ++report_.promoted;
    if (moved && file.kind == FileName::Kind::batch) {
      SerialSet in_use;
      TRY(each_operation(files_, State::pending, file,
                         [&in_use](std::string_view line, const OperationId& id) {
                           if (const auto serial = codec::serial_of(line, id)) in_use.add(*serial);
                         }));
      TRY(give_up_serials(files_, clock_, file.stem, in_use));
    }
    if (!moved) TRY(files_.remove(temporary));
    return files_.sync_directory(folder(State::pending));
  }

  sys::Files& files_;
  const sys::Clock& clock_;
  const MayGoOn& may_go_on_;
  Recovered& report_;
  Writers writers_ = Writers::none;
};

}  // namespace

Result<Writers> tidy_temporary(sys::Files& files, const sys::Clock& clock, const MayGoOn& may_go_on,
                               Recovered& report) {
  return Tidying(files, clock, may_go_on, report).run();
}

}  // namespace core::queue
