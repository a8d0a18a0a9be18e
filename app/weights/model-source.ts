import { statSync } from 'node:fs'
import { Problem } from '../problem.ts'
import type { MissingPart } from './companions.ts'
import type { JsonObject } from './json-file.ts'
import type { WeightFiles } from './weight-files.ts'

/** A part that a model lists. Components that are null there (a safety checker that was left out) have no class. */
export interface ComponentEntry {
  readonly name: string
  /** "diffusers", "transformers"; never imported, only shown. */
  readonly library: string | undefined
  /** E.g. "UNet2DConditionModel". */
  readonly className: string | undefined
  readonly folder: string
}

/** A component that somebody asked for. Config and weights are read when they are looked at, once. */
export interface Component {
  readonly name: string
  readonly className: string
  /** Its folder; for the networks of a single file, a name that no other component has. */
  readonly folder: string
  /** Path of the config, for messages. */
  readonly configPath: string
  /** config.json, scheduler_config.json, tokenizer_config.json ... @throws Problem FILE_*, JSON_FILE */
  readonly config: JsonObject
  /** Of a tokenizer whose folder does not say it: the word that fills up to the window. */
  readonly padToken?: string
  /** @throws Problem WEIGHTS_*, FILE_*, SAFETENSORS_* */
  readonly weights: WeightFiles
}

/** A model, whatever files it lies in: a folder of diffusers (diffusers-folder.ts) or one file (single-file/). */
export interface ModelSource {
  readonly path: string
  /** The reference's pipeline, e.g. "StableDiffusionPipeline"; undefined if the model does not say. */
  readonly className: string | undefined
  /** Options of the pipeline that a model has beside its components, e.g. `force_zeros_for_empty_prompt`. */
  readonly options: JsonObject
  /** Everything that the model lists; nothing of it is opened. */
  readonly components: ReadonlyMap<string, ComponentEntry>
  /** What a single file lacks and other files can give: `withCompanions`. */
  readonly missing?: readonly MissingPart[]
  /** A component that is needed. @param knownClasses those that can be built; undefined: any
   *  @throws Problem COMPONENT_MISSING, COMPONENT_UNKNOWN naming it and what is known */
  component(name: string, knownClasses?: readonly string[]): Component
}

/** Whether a path is a file, as a model that lies in one is. */
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/** Refuses a component whose class cannot be built. @throws Problem COMPONENT_UNKNOWN naming it and what is known */
export function checkClass(model: string, name: string, className: string, knownClasses?: readonly string[]): void {
  if (knownClasses === undefined || knownClasses.includes(className)) return
  throw new Problem('COMPONENT_UNKNOWN', `The ${name} of ${model} is of class ${className}, which is not known here.`, {
    hint: `Choose a model whose ${name} is of class ${knownClasses.join(' or ')}.`,
  })
}
