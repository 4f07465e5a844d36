// One line of a log as the page holds it.
export interface Line {
  at: number; // milliseconds since 1970
  text: string;
  service: boolean; // Kiln's own words, not a build command's
}
