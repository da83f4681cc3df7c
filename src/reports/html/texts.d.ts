// The style beside this file is embedded in the executable as text.

declare module "*.css" {
  const text: string;
  export default text;
}
