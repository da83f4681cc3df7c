// The files next to this one are embedded in the executable as text.

declare module "*.sh" {
  const text: string;
  export default text;
}

declare module "*.tsv" {
  const text: string;
  export default text;
}

declare module "*.py" {
  const text: string;
  export default text;
}

declare module "*.cfg" {
  const text: string;
  export default text;
}

declare module "*/Dockerfile" {
  const text: string;
  export default text;
}

declare module "*/hosts" {
  const text: string;
  export default text;
}
