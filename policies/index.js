// Pulumi compiles an entry in TypeScript by itself, with its own old compiler: Node runs the rest as it is.
import "./pack.ts";
