// SPDX-License-Identifier: MIT
#pragma once

// The names of a large directory in one block of memory: a million names take 45 MB less than as
// strings. Names are shorter than 256 bytes (NAME_MAX).

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace core::queue {

class NameList {
 public:
  void add(std::string_view name, std::uint64_t inode) {
    items_.push_back({.offset = bytes_.size() & k_offset_mask,
                      .size = static_cast<std::uint16_t>(name.size()),
                      .inode = inode});
    bytes_ += name;
  }
  void sort() {
    std::ranges::sort(items_, {}, [this](const Item& item) { return text(item); });
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] std::string_view name(std::size_t i) const { return text(items_[i]); }
  [[nodiscard]] std::uint64_t inode(std::size_t i) const { return items_[i].inode; }

 private:
  static constexpr std::uint64_t k_offset_mask = (std::uint64_t{1} << 48U) - 1;
  struct Item {
    std::uint64_t offset : 48;
    std::uint16_t size;
    std::uint64_t inode;
  };
  [[nodiscard]] std::string_view text(const Item& item) const {
    return std::string_view(bytes_).substr(item.offset, item.size);
  }

  std::string bytes_;
  std::vector<Item> items_;
};

}  // namespace core::queue
