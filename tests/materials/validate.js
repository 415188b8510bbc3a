// What Khronos' glTF validator says of a file and of all that it names, as JSON.

import { dirname, join } from "node:path";
import { readFile } from "node:fs/promises";
import { validateBytes } from "gltf-validator";

const [path] = process.argv.slice(2);
const read = async (name) => new Uint8Array(await readFile(name));
const externalResourceFunction = (uri) => read(join(dirname(path), uri));

console.log(JSON.stringify(await validateBytes(await read(path), { externalResourceFunction })));
