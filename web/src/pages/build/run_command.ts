// How to run the same build on one's own machine. Pure.
import type { BuildDetail } from '../../api/types.ts';

// A word as a shell takes it, whatever is in it.
export function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function runCommand(detail: BuildDetail): string {
  const about = detail.build.build_trigger_metadata;
  const words = ['kiln', 'run'];
  if (about.root_directory && about.root_directory !== '/') words.push(quoted(about.root_directory));
  if (about.build_command) words.push('--build-command', quoted(about.build_command));
  if (about.branch) words.push('--branch', quoted(about.branch));
  for (const [name, variable] of Object.entries(about.environment_variables)) {
    const text = typeof variable === 'string' ? variable : variable.value;
    const isSecret = typeof variable === 'string' ? variable === '[secret]' : variable.is_secret;
    if (isSecret || text === null) words.push('--secret', quoted(name));
    else words.push('--env', quoted(`${name}=${text}`));
  }
  const commit = /^[0-9a-f]{7,64}$/.test(about.commit_hash) ? `git checkout ${about.commit_hash.slice(0, 12)} && ` : '';
  return commit + words.join(' ');
}
