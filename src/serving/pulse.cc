#include "serving/pulse.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <string_view>

namespace kiln::serving {
namespace {

constexpr std::string_view kEmptyLine = "\r\n";

}  // namespace

void Pulse::begin(std::string socket_path) {
  end();
  path_ = std::move(socket_path);
  waiting_ = true;
  try_to_send();
}

void Pulse::end() {
  socket_.reset();
  waiting_ = sent_ = false;
}

void Pulse::try_to_send() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return;
  std::copy(path_.begin(), path_.end(), static_cast<char*>(address.sun_path));
  socket_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_ || connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return;
  sent_ = send(socket_.get(), kEmptyLine.data(), kEmptyLine.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(kEmptyLine.size());
}

bool Pulse::felt() {
  if (!sent_) try_to_send();
  if (!sent_) return false;
  int unread = 0;
  // A kernel that cannot tell makes no process look dead.
  return ioctl(socket_.get(), TIOCOUTQ, &unread) != 0 || unread == 0;
}

}  // namespace kiln::serving
