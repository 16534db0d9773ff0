// SPDX-License-Identifier: MIT
#include "libcore/queue/operation_lines.hpp"

namespace core::queue {

Result<> each_line(const sys::Files& files, const std::string& path,
                   const std::function<Result<>(std::string_view line, std::uint32_t number,
                                                std::uint64_t offset)>& visit) {
  constexpr std::size_t k_chunk = 1U << 20U;
  TRY_ASSIGN(const sys::Fd fd, files.open(path));
  if (!fd.is_open()) return fail(Errc::not_found, "read: " + path + ": it is gone");
  std::string rest;
  std::uint64_t offset = 0;
  std::uint32_t number = 0;
  for (bool ended = false; !ended;) {
    TRY_ASSIGN(const std::string chunk, sys::read_up_to(fd.get(), k_chunk, path));
    ended = chunk.empty();
    rest += chunk;
    std::size_t start = 0;
    while (start < rest.size()) {
      const auto end = rest.find('\n', start);
      if (end == std::string::npos && !ended) break;
      const auto line = std::string_view(rest).substr(start, end - start);
      TRY(visit(line, ++number, offset));
      const auto next = end == std::string::npos ? rest.size() : end + 1;
      offset += next - start;
      start = next;
    }
    rest.erase(0, start);
    if (rest.size() > k_operation_limit.value) {
      return fail(Errc::corrupt,
                  "read: " + path + ": a line is larger than " + format_size(k_operation_limit));
    }
  }
  return {};
}

Result<> each_operation(
    const sys::Files& files, State state, const FileName& name,
    const std::function<void(std::string_view line, const OperationId& id)>& visit) {
  const std::string path = path_of(state, name);
  if (name.kind == FileName::Kind::single) {
    TRY_ASSIGN(const auto text, sys::read_file(files, path, k_operation_limit));
    if (text) visit(std::string_view(*text).substr(0, text->find_last_not_of('\n') + 1), name.id());
    return {};
  }
  const auto read = each_line(
      files, path, [&](std::string_view line, std::uint32_t number, std::uint64_t) -> Result<> {
        visit(line, {.stem = name.stem, .line = number});
        return {};
      });
  return !read && read.error().code == Errc::not_found ? Result<>{} : read;
}

}  // namespace core::queue
