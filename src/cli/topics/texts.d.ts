// The topics are embedded in the executable as text.

declare module "*.md" {
  const text: string;
  export default text;
}
