// Who builds and Workers' processes are on the host when Kiln runs as root: uids that belong to nobody else
// there (docs/security.md), a range for each, so that none ever meets another. All of them lie below 65534,
// since a container often has no more.
#pragma once

namespace kiln {

// Sandboxes of builds that there are at a time, each a uid of its own; the last is the probe's.
inline constexpr unsigned kFirstBuildUid = 61'000;
inline constexpr unsigned kBuildUids = 1'000;
inline constexpr unsigned kProbeUid = kFirstBuildUid + kBuildUids - 1;

// Processes of Workers, then those that validate uploads, then those of D1 databases.
inline constexpr unsigned kFirstWorkerUid = kFirstBuildUid + kBuildUids;
inline constexpr unsigned kWorkerUids = 3'000;
inline constexpr unsigned kFirstValidatorUid = kFirstWorkerUid + kWorkerUids;
inline constexpr unsigned kValidatorUids = 16;
inline constexpr unsigned kFirstDatabaseUid = kFirstValidatorUid + kValidatorUids;
inline constexpr unsigned kDatabaseUids = 500;
static_assert(kFirstDatabaseUid + kDatabaseUids < 65'534);

// The group of Workers that call others, beside their own.
inline constexpr unsigned kCallsGroup = 60'999;

}  // namespace kiln
