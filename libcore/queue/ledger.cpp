// SPDX-License-Identifier: MIT
#include "libcore/queue/ledger.hpp"

#include <map>
#include <string>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

// A line stays short enough to be looked at, however scattered the numbers are.
constexpr std::size_t k_ranges_on_a_line = 500;

std::string format_line(Fate fate, std::uint64_t series, const SerialSet& serials, Time now) {
  return codec::seal_json(codec::JsonObject()
                              .add("at", format_time(now))
                              .add("what", name_of(fate))
                              .add("series", series)
                              .add("numbers", serials.text(series))
                              .text());
}

std::string format_lines(Fate fate, const SerialSet& serials, Time now) {
  std::string lines;
  SerialSet part;
  std::uint64_t series = 0;
  std::size_t ranges = 0;
  const auto flush = [&] {
    if (!part.empty()) lines += format_line(fate, series, part, now);
    part = {};
    ranges = 0;
  };
  serials.each([&](const SerialRange& range) {
    if (range.series != series || ranges == k_ranges_on_a_line) flush();
    series = range.series;
    part.add(range);
    ++ranges;
  });
  flush();
  return lines;
}

}  // namespace

Result<> note_in_ledger(sys::Files& files, Fate fate, const SerialSet& serials, Time now,
                        sys::Sync sync) {
  if (serials.empty()) return {};
  TRY(files.append(path::k_ledger, format_lines(fate, serials, now), sync));
  // Also when the ledger was there: whoever made it may have died before it did this, or not have
  // been asked to.
  return sync == sys::Sync::no ? Result<>{} : files.sync_directory(".");
}

Result<> each_ledger_line(const sys::Files& files,
                          const std::function<void(Fate fate, const SerialSet& serials)>& visit) {
  return each_receipt_line(
      files, path::k_ledger, 0, [&](std::string_view line, std::uint64_t) -> Result<> {
        if (!codec::is_sealed(line)) return {};  // torn, or damaged: it explains nothing
        auto members = codec::parse_flat_object(line);
        if (!members) return {};
        const auto fate = value_of<Fate>((*members)["what"]);
        const auto series = parse_unsigned((*members)["series"]);
        SerialSet serials;
        if (fate && series && serials.parse_into(*series, (*members)["numbers"])) {
          visit(*fate, serials);
        }
        return {};
      });
}

}  // namespace core::queue
