// SPDX-License-Identifier: MIT
#pragma once

// The statements that the index runs often, prepared when it is opened (index_schema.cpp). For the
// index_*.cpp only.

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "libcore/db/sqlite.hpp"
#include "libcore/queue/index.hpp"

namespace core::queue {

// So many rows are added by one statement: beginning one costs as much as a row.
inline constexpr std::size_t k_many = 16;

struct Index::Statements {
  db::Statement stamp;
  db::Statement set_stamp;
  db::Statement add_file;
  db::Statement move_file;
  db::Statement remove_file;
  db::Statement remove_files_of;
  db::Statement add_new;   // nothing when the row is there
  db::Statement add_many;  // k_many rows
  db::Statement add;
  db::Statement add_dependency;
  db::Statement remove;
  db::Statement remove_dependencies;
  db::Statement remove_lines;
  db::Statement remove_dependencies_of_lines;
  db::Statement settle;
  db::Statement settle_lines;
  db::Statement find;
  db::Statement note_receipt;
  db::Statement note_receipts_of_lines;
  db::Statement last_receipt;
  db::Statement forget_receipt;
  db::Statement has_open_lines;
  db::Statement lane_head;
  db::Statement dependents;
  db::Statement has_receipts;
  db::Statement data_version;
  // By their text: a run asks for pages with a few texts, again and again.
  std::map<std::string, db::Statement> due;

  // To be stepped to its end, or reset. Errors: those of Database::prepare.
  Result<db::Statement*> known_or_prepared(db::Database& database, const std::string& sql) {
    auto known = due.find(sql);
    if (known == due.end()) {
      TRY_ASSIGN(auto prepared, database.prepare(sql));
      known = due.emplace(sql, std::move(prepared)).first;
    }
    return &known->second;
  }
};

}  // namespace core::queue
