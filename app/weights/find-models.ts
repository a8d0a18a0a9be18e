import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { fileProblem } from './safe-file.ts'

/** What programs call files of models; what is in them is looked at afterwards. */
const modelFile = /\.(?:safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/i
/** Pieces of a model that only their index or their folder makes whole. */
const piece = /-\d{5}-of-\d{5}\./
const deepest = 8
const mostEntries = 200_000

/** Finds the models that a person means by a path: a file, a model's folder, or a folder with models of other programs in it
 *  (ComfyUI's `models`, A1111's and InvokeAI's, the Hugging Face cache). Links are followed; each file is found once.
 *  @returns their paths, sorted  @throws Problem FILE_*, MODELS_TOO_MANY */
export function findModels(path: string): string[] {
  try {
    if (!statSync(path).isDirectory() || isModelFolder(path)) return [path]
    const search = { found: new Map<string, string>(), visited: new Set<string>(), entries: 0 }
    visit(path, deepest, search)
    return [...search.found.values()].sort()
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** A model of diffusers, or one of its parts (a ControlNet, a VAE) that was saved alone. */
const isModelFolder = (folder: string): boolean =>
  existsSync(join(folder, 'model_index.json')) ||
  (existsSync(join(folder, 'config.json')) &&
    ['diffusion_pytorch_model.safetensors', 'model.safetensors'].some(name => existsSync(join(folder, name))))

interface Search {
  /** By the real path, so that two links to one file count once. */
  readonly found: Map<string, string>
  readonly visited: Set<string>
  entries: number
}

function visit(folder: string, depth: number, search: Search): void {
  const real = realpathSync(folder)
  if (search.visited.has(real)) return
  search.visited.add(real)
  for (const entry of entriesOf(folder)) {
    search.entries++
    if (search.entries > mostEntries) {
      throw new Problem('MODELS_TOO_MANY', `${folder} and the folders around it hold over ${mostEntries} files.`, {
        hint: 'Name the folder of the models itself.',
      })
    }
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (isFolder(entry, path)) {
      if (isModelFolder(path)) add(path, search)
      else if (depth > 0) visit(path, depth - 1, search)
    } else if (modelFile.test(entry.name) && !piece.test(entry.name)) add(path, search)
  }
}

function add(path: string, { found }: Search): void {
  if (!existsSync(path)) return
  const real = realpathSync(path)
  if (!found.has(real)) found.set(real, path)
}

/** A folder that may not be read holds nothing for us. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

const isFolder = (entry: Dirent, path: string): boolean =>
  entry.isDirectory() || (entry.isSymbolicLink() && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false))
