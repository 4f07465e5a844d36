// Bubblewraps that died while they gave birth. When bubblewrap is killed between the fork of its child and
// its word to it, the child waits for that word for ever: it has not asked yet to die with its parent, and
// nobody knows it. Any thread; called by a program that starts, for what its predecessor left.
#pragma once

#include <string_view>

namespace kiln {

// Kills every such child that would have become `program` (its path inside the sandbox, one word of
// bubblewrap's command line), as far as this user may, whoever started it: without its parent it can never
// go on. Returns how many there were.
int end_parked_bwraps(std::string_view program);

}  // namespace kiln
