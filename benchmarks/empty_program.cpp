// SPDX-License-Identifier: MIT
//
// usage: empty_program
//
// What starting a process costs at the least: linked statically, and does nothing.

int main() {}
