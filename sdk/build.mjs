// Builds the script that the server serves, and the module for npm. Same sources, same bytes.
import { build } from "esbuild";

const common = { bundle: true, minify: true, target: "es2020", legalComments: "none" };
// Names that only these sources know: neither the shop nor the server ever reads them.
const own =
  /^(waiting|timer|visitor|queue|remembered|known|named|choice|kept|allowed|flush|again|clicked|device|area|tell|ask|shown|met|ids|options|send|clear)$/;
const served = process.argv[2] ?? "../src/splitshelf/web/static/sdk/splitshelf.js";

await build({
  ...common,
  entryPoints: ["src/script.ts"],
  format: "iife",
  mangleProps: own,
  outfile: served,
});
if (!process.argv[2]) {
  await build({ ...common, entryPoints: ["src/index.ts"], format: "esm", outfile: "dist/index.js" });
}
