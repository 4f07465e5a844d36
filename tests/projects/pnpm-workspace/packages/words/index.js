export const words = ["a", "workspace", "of", "two"];
