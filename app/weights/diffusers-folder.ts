import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Problem } from '../problem.ts'
import { type JsonObject, readJsonObject } from './json-file.ts'
import { type Component, type ComponentEntry, checkClass, type ModelSource } from './model-source.ts'
import { fileProblem } from './safe-file.ts'
import { isTorchFile } from './tensor-file.ts'
import { openShards, openWeightFile, type WeightFiles } from './weight-files.ts'

export type { Component, ComponentEntry } from './model-source.ts'

/** A model in the folder layout of diffusers: its components are the lines of model_index.json. */
export type DiffusersFolder = ModelSource

/** Opens a model's folder; only model_index.json is read. @param path the folder, or its model_index.json
 *  @throws Problem MODEL_FOLDER, FILE_*, JSON_FILE */
export function openDiffusersFolder(path: string): DiffusersFolder {
  const folder = basename(path) === indexName ? dirname(resolve(path)) : resolve(path)
  if (!existsSync(join(folder, indexName))) throw noModel(folder)
  const index = readJsonObject(join(folder, indexName))
  const components = new Map(entriesOf(folder, index).map(entry => [entry.name, entry]))
  return {
    path: folder,
    className: typeof index._class_name === 'string' ? index._class_name : undefined,
    options: index,
    components,
    component: (name, knownClasses) => componentOf(folder, components, name, knownClasses),
  }
}

const indexName = 'model_index.json'

function entriesOf(folder: string, index: JsonObject): ComponentEntry[] {
  return Object.entries(index).flatMap(([name, value]) => {
    // Other values are options of the pipeline, keys with an underscore are about the file itself.
    if (name.startsWith('_') || !Array.isArray(value) || value.length !== 2) return []
    if (!/^\w[\w.-]*$/.test(name)) {
      throw new Problem(
        'MODEL_FOLDER',
        `${join(folder, indexName)} names a component "${name}", which is no folder's name.`,
      )
    }
    const [library, className] = value.map(item => (typeof item === 'string' ? item : undefined))
    return [{ name, library, className, folder: join(folder, name) }]
  })
}

/** What is wrong with a path that is not a model's folder, and where the model may be. */
function noModel(path: string): Problem {
  const folderHint = `Choose the folder of a model, the one with ${indexName} in it.`
  const problem = (found: string, hint = folderHint) => new Problem('MODEL_FOLDER', `${path} ${found}.`, { hint })
  if (!existsSync(path)) return problem('does not exist', 'Check the path.')
  if (!statSync(path).isDirectory()) return problem('is a file, not the folder of a model')
  if (existsSync(join(dirname(path), indexName))) {
    return problem('is only a part of a model', `Choose the whole model: ${dirname(path)}.`)
  }
  const snapshot = snapshotsOf(path).find(folder => existsSync(join(folder, indexName)))
  if (snapshot) return problem('is the cache of a model, not the model', `Choose its snapshot: ${snapshot}.`)
  return problem(`has no ${indexName}`)
}

/** Folders of the Hugging Face cache: models--owner--name/snapshots/COMMIT. */
function snapshotsOf(path: string): string[] {
  const snapshots = join(path, 'snapshots')
  return existsSync(snapshots) ? listFolder(snapshots).map(commit => join(snapshots, commit)) : []
}

function componentOf(
  model: string,
  components: ReadonlyMap<string, ComponentEntry>,
  name: string,
  knownClasses: readonly string[] | undefined,
): Component {
  const entry = components.get(name)
  if (entry?.className === undefined) {
    throw new Problem('COMPONENT_MISSING', `${join(model, indexName)} names no ${name}, which is needed.`, {
      hint: 'Choose a complete Stable Diffusion model.',
    })
  }
  const { className, folder } = entry
  checkClass(model, name, className, knownClasses)
  if (!existsSync(folder)) {
    throw new Problem('COMPONENT_MISSING', `The folder ${folder} is missing, but ${indexName} names it.`, {
      hint: 'Download or copy the model again.',
    })
  }
  return openComponent(name, className, folder)
}

/** A component by its folder alone; nothing of it is read yet. */
export function openComponent(name: string, className: string, folder: string): Component {
  let config: JsonObject | undefined
  let weights: WeightFiles | undefined
  const configPath = configPathOf(folder)
  return {
    name,
    className,
    folder,
    configPath,
    get config() {
      config ??= readJsonObject(configPath)
      return config
    },
    get weights() {
      weights ??= openWeightsIn(folder)
      return weights
    },
  }
}

const configNames = ['config.json', 'scheduler_config.json', 'tokenizer_config.json', 'preprocessor_config.json']

function configPathOf(folder: string): string {
  const name = configNames.find(name => existsSync(join(folder, name))) ?? 'config.json'
  return join(folder, name)
}

/** Names of weights in a component's folder, as diffusers and transformers write them, with an optional variant such as "fp16":
 *  model.safetensors, diffusion_pytorch_model.fp16.safetensors, model.safetensors.index.json, model.safetensors.index.fp16.json */
const weightName =
  /^(?:diffusion_pytorch_model|model)(?:\.(?<variant>[\w-]+))?\.safetensors(?<index>\.index(?:\.(?<indexVariant>[\w-]+))?\.json)?$/

/** Which one is taken where there are several: the plain one, then these variants, then by name. */
const preferred = [undefined, 'fp32', 'bf16', 'fp16']

interface WeightName {
  readonly file: string
  readonly isIndex: boolean
  readonly rank: number
}

/** The weights in a component's folder, in one file or in shards. @throws Problem WEIGHTS_*, FILE_*, SAFETENSORS_* */
export function openWeightsIn(folder: string): WeightFiles {
  const names = listFolder(folder)
  const [best] = names.flatMap(parseWeightName).sort((a, b) => a.rank - b.rank || Number(a.isIndex) - Number(b.isIndex))
  if (!best) return openTorchWeights(folder, names)
  const path = join(folder, best.file)
  return best.isIndex ? openShards(path) : openWeightFile(path)
}

function parseWeightName(file: string): WeightName[] {
  const groups = weightName.exec(file)?.groups
  // model-00001-of-00002.safetensors are reached through their index alone.
  if (!groups) return []
  const place = preferred.indexOf(groups.variant ?? groups.indexVariant)
  return [{ file, isIndex: groups.index !== undefined, rank: place < 0 ? preferred.length : place }]
}

/** The same names as PyTorch saved them, whose contents are read as data and never executed. */
const torchName = /^(?:diffusion_pytorch_model|pytorch_model)(?:\.[\w-]+)?\.bin$/

function openTorchWeights(folder: string, names: readonly string[]): WeightFiles {
  const torch = names.find(name => torchName.test(name) && isTorchFile(join(folder, name)))
  if (torch !== undefined) return openWeightFile(join(folder, torch))
  throw noWeights(folder, names)
}

function noWeights(folder: string, names: readonly string[]): Problem {
  const pickle = names.find(name => /\.(bin|ckpt|pt|pth)$/.test(name))
  if (pickle) {
    return new Problem(
      'WEIGHTS_PICKLE',
      `${folder} has its weights only as ${pickle}, a pickle of an old kind or under an odd name; it is not opened.`,
      {
        hint: 'Download the .safetensors version of this model.',
      },
    )
  }
  return new Problem(
    'WEIGHTS_FILE',
    `${folder} holds no weights (model.safetensors or diffusion_pytorch_model.safetensors).`,
    {
      hint: 'Download or copy the model again.',
    },
  )
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    throw fileProblem(error, folder)
  }
}
