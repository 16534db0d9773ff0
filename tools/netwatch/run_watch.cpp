// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_watch.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/netstate/mode_texts.hpp"
#include "libcore/netstate/news.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/stream.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/lapse.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::Reading;

constexpr core::ByteCount k_history_limit{4U << 20U};

struct Line {
  std::uint64_t generation = 0;
  std::string json;  // with its newline
};

std::optional<std::uint64_t> generation_of(std::string_view json) {
  const auto members = core::codec::parse_flat_object(json);
  if (!members || !members->contains("generation")) return std::nullopt;
  return core::parse_unsigned(members->at("generation"));
}

// Those after a generation, the newest first: nobody wants a megabyte looked through for one line.
// True: the text goes back far enough.
bool take_newest(std::string_view history, std::uint64_t after, std::vector<Line>& lines) {
  while (!history.empty()) {
    history.remove_suffix(1);
    const auto begin = history.rfind('\n');
    const auto json = begin == std::string_view::npos ? history : history.substr(begin + 1);
    history.remove_suffix(json.size());
    const auto generation = generation_of(json);
    if (!generation) continue;
    if (*generation <= after) return true;
    lines.push_back({.generation = *generation, .json = std::string(json) + "\n"});
  }
  return false;
}

Result<std::vector<Line>> load_history(const core::sys::Files& files, std::uint64_t after) {
  std::vector<Line> lines;
  for (const auto* name : {path::k_netwatch_history, path::k_netwatch_history_old}) {
    TRY_ASSIGN(const auto text, core::sys::read_file(files, name, k_history_limit));
    if (text && take_newest(*text, after, lines)) break;
  }
  std::ranges::reverse(lines);
  return lines;
}

// "2026-11-21T14:00:00Z connected online ok eth0"
std::string sentence(std::string_view json) {
  const auto members = core::codec::parse_flat_object(json);
  const auto word = [&](const char* name) -> std::string {
    if (!members || !members->contains(name)) return "-";
    return core::printable(members->at(name));
  };
  const auto at = core::parse_time(word("at"));
  const auto time = at ? core::format_second(*at) : "-";
  return fmt::format("{} {} {} {} {}\n", time, word("state"), word("mode"), word("reason"),
                     word("interface"));
}

class Watcher {
 public:
  Watcher(Context& context, const core::sys::Files& files, netstate::News news,
          core::sys::PollSet wakes, const WatchOptions& options)
      : context_(context),
        files_(files),
        news_(std::move(news)),
        wakes_(std::move(wakes)),
        options_(options) {
    if (options.since) last_ = static_cast<std::uint64_t>(*options.since);
  }

  Result<ExitCode> run() {
    while (true) {
      TRY_ASSIGN(const auto reading, netstate::read_network(files_, context_.clock));
      TRY(tell(reading));
      TRY(context_.out.flush());
      if (is_unread()) return ExitCode::ok;
      auto longest = next_lapse(reading, context_.clock.now());
      if (news_.is_blind()) longest = std::min(longest.value_or(k_blind), k_blind);
      TRY(core::sys::wait_for(wakes_.fd(), POLLIN, longest));
      TRY_ASSIGN(const auto changes, news_.take());
      if (changes.is_gone) return core::fail(Errc::not_found, "watch: the queue is gone");
    }
  }

 private:
  static constexpr core::Duration k_blind = std::chrono::seconds{1};

  [[nodiscard]] bool is_unread() const {
    const int fd = context_.out.fd();
    return context_.out.is_closed() ||
           (fd >= 0 && core::sys::reader_of(fd) == core::sys::Reader::gone);
  }

  Result<> tell(const Reading& reading) {
    const auto generation = reading.line ? reading.line->generation : 0;
    const bool is_known = reading.line && (reading.state() || reading.override_);
    if (!is_known) return tell_unknown(generation);
    const bool was_unknown = std::exchange(is_unknown_, false);
    if (last_ == generation && !was_unknown) return {};
    // After a reset of the directory numbers begin again.
    const bool goes_on = last_ && *last_ < generation;
    if (goes_on) {
      TRY_ASSIGN(const auto lines, load_history(files_, *last_));
      for (const auto& line : lines) {
        if (line.generation >= generation) break;
        print(line.json);
      }
    }
    TRY_ASSIGN(const auto newest, load_history(files_, generation == 0 ? 0 : generation - 1));
    const bool is_kept = !newest.empty() && newest.front().generation == generation;
    print(is_kept ? newest.front().json
                  : netstate::mode_texts("", *reading.line, reading.override_, context_.clock.now())
                        .history);
    last_ = generation;
    return {};
  }

  Result<> tell_unknown(std::uint64_t generation) {
    if (std::exchange(is_unknown_, true)) return {};
    core::codec::JsonObject object;
    object.add("v", 1).add("at", core::format_time(context_.clock.now()));
    if (generation > 0) object.add("generation", generation);
    object.add("state", "unknown").add("mode", "unknown");
    print(std::move(object).text() + "\n");
    return {};
  }

  void print(const std::string& json) {
    const bool is_text = options_.format == core::cli::Format::text;
    context_.out.write(is_text ? sentence(json) : json);
  }

  Context& context_;
  const core::sys::Files& files_;
  netstate::News news_;
  core::sys::PollSet wakes_;
  const WatchOptions& options_;
  std::optional<std::uint64_t> last_;  // generation that was told
  bool is_unknown_ = false;
};

}  // namespace

Result<ExitCode> run_watch(Context& context, const WatchOptions& options) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto files, open_place(context));
  TRY_ASSIGN(auto news, netstate::News::of(files->root(), {}));
  TRY_ASSIGN(auto wakes, core::sys::PollSet::create());
  if (!news.is_blind()) TRY(wakes.add(news.fd()));
  if (context.out.fd() >= 0) TRY(wakes.add_reader_of(context.out.fd()));
  return Watcher(context, *files, std::move(news), std::move(wakes), options).run();
}

}  // namespace netwatch
