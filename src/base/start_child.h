// Starts another program as a child: the one way in which this program does so. Everything is laid out in a
// plan before the fork; between fork and exec the child calls the system and allocates nothing. No pages are
// copied for it (vfork), and the calling thread waits until it has become the other program or has told what
// kept it from that (and for children that other threads are just starting, which have its pipe until then),
// so that a failure of any step is the caller's error at once. Any thread; the child is killed when that
// thread ends (PDEATHSIG), and the kernel tells nobody but its parent when it is gone.
#pragma once

#include <sys/types.h>

#include <functional>
#include <span>

#include "base/fs.h"
#include "base/result.h"

namespace kiln {

// What its pointers lead to is the caller's, until start_child() has returned.
struct ChildPlan {
  const char* program = nullptr;  // a path
  char* const* argv = nullptr;
  char* const* environment = nullptr;  // null: the caller's own
  const char* directory = nullptr;     // null: the caller's own

  enum class Group { callers, own, session };  // of processes; `session`: and of terminals
  Group group = Group::own;
  // What the caller ignores it ignores too, as under nohup; otherwise every signal does what it does by
  // default.
  bool keep_ignored_signals = false;

  // Its standard streams. -1: /dev/null; 0, 1 and 2: the caller's own; others from kFirstInherited on
  // (child.h).
  int in = -1;
  int out = -1;
  int err = -1;
  // Stay open under their numbers; -1 stands for none. Nothing else does.
  std::span<const int> inherited = {};

  // What this kind of child does besides, when its streams are set and it can leave no core: system calls
  // only. Returns null, or what it was doing when a call failed, with errno set.
  std::function<const char*()> prepare = {};
};

struct Child {
  pid_t pid = -1;  // the caller's to reap
  Fd handle;       // a pidfd: readable when it has ended
};

// Returns when the child has become the program. Errors: Errc::io, "running /usr/bin/git: Permission denied"
// or what `prepare` was doing; there is no child then.
[[nodiscard]] Result<Child> start_child(const ChildPlan& plan);

// For a child that becomes no other program: it does `work`, system calls only and without an end of its own
// but _exit(). It may share this program's memory or have a copy of it, and the calling thread may wait for
// it or not. Returns its pid, the caller's to reap, or -1 with errno set.
[[nodiscard]] pid_t vfork_into(const std::function<void()>& work);

}  // namespace kiln
