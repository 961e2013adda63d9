// Builds the script that the server serves, and the module for npm. Same sources, same bytes.
import { build } from "esbuild";

const common = { bundle: true, minify: true, target: "es2020", legalComments: "none" };
const served = process.argv[2] ?? "../src/splitshelf/web/static/sdk/splitshelf.js";

await build({ ...common, entryPoints: ["src/script.ts"], format: "iife", outfile: served });
if (!process.argv[2]) {
  await build({ ...common, entryPoints: ["src/index.ts"], format: "esm", outfile: "dist/index.js" });
}
