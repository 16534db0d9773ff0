// SPDX-License-Identifier: MIT
#include "libcore/cli/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <unistd.h>

#include <fmt/core.h>

#include "libcore/cli/layout.hpp"

namespace core::cli {
namespace {

constexpr Duration k_redraw{std::chrono::milliseconds{100}};
constexpr std::size_t k_widest_bar = 30;
constexpr std::size_t k_narrowest_bar = 5;

std::string bar(double share, std::size_t width, Charset charset) {
  if (charset == Charset::ascii) {
    const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
    return "[" + std::string(full, '#') + std::string(width - full, '.') + "]";
  }
  static constexpr std::array<std::string_view, 8> k_eighths{" ", "▏", "▎", "▍",
                                                             "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<std::size_t>(share * static_cast<double>(width * 8));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) {
    const auto begin = i * 8;
    text += eighths >= begin + 8 ? "█" : eighths > begin ? k_eighths[eighths - begin] : " ";
  }
  return "▕" + text + "▏";
}

std::string rate_text(double rate) {
  return rate >= 9.95 ? fmt::format("{:.0f}/s", rate) : fmt::format("{:.1f}/s", rate);
}

}  // namespace

std::string render_progress(std::string_view label, const Counts& counts, Duration elapsed,
                            std::size_t width, Charset charset) {
  const auto seconds = std::chrono::duration<double>(elapsed).count();
  const auto done = static_cast<double>(counts.done);
  const double rate = seconds > 0 ? done / seconds : 0;
  std::string left(label);
  left += counts.total > 0 ? fmt::format("  {}/{}", counts.done, counts.total)
                           : fmt::format("  {}", counts.done);
  std::string right;
  double share = 0;
  if (counts.total > 0) {
    share = std::min(1.0, done / static_cast<double>(counts.total));
    right += fmt::format(" {:3.0f}%", share * 100);
  }
  if (rate > 0) right += "  " + rate_text(rate);
  if (rate > 0 && counts.total > counts.done) {
    const auto remaining = static_cast<double>(counts.total - counts.done) / rate;
    right += "  ETA " + format_duration(std::chrono::seconds{
                            static_cast<std::int64_t>(std::ceil(std::min(remaining, 1e9)))});
  }
  if (counts.failed > 0) right += fmt::format("  {} failed", counts.failed);
  const auto taken = display_width(left) + display_width(right) + 4;
  if (counts.total > 0 && width >= taken + k_narrowest_bar) {
    left += "  " + bar(share, std::min(width - taken, k_widest_bar), charset);
  }
  return cut_to(left + right, width);
}

Progress::Progress(Context& context, std::string label, Show show)
    : context_(context),
      label_(std::move(label)),
      is_shown_(show == Show::yes && context.terminal.err_is_terminal &&
                context.terminal.has_colour && context.verbosity != Verbosity::quiet),
      started_(context.clock.since_boot()) {}

void Progress::update(const Counts& counts) {
  if (!is_shown_) return;
  const auto now = context_.clock.since_boot();
  if (drawn_ && now - *drawn_ < k_redraw) return;
  drawn_ = now;
  const auto width = sys::terminal_width(STDERR_FILENO, context_.terminal.width);
  const auto charset = context_.terminal.is_utf8 ? Charset::unicode : Charset::ascii;
  // One column is left free: a full line would wrap and could not be erased.
  const auto line = render_progress(label_, counts, now - started_,
                                    static_cast<std::size_t>(std::max(width, 20)) - 1, charset);
  context_.err.write("\r" + line + "\x1b[K");
}

void Progress::clear() {
  if (!drawn_) return;
  drawn_.reset();
  context_.err.write("\r\x1b[K");
}

}  // namespace core::cli
