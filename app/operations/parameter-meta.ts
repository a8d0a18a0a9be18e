import { z } from 'zod'
import type { ModelKind } from '../weights/model-kinds.ts'

/** What the form, the command line and the docs need to know of a parameter, beside its type and range. */
export interface ParameterMeta {
  readonly title: string
  /** One sentence for a person; shown as tooltip, in --help and in the docs. */
  readonly description: string
  readonly unit?: 'px'
  /** Section of the settings panel. */
  readonly group: 'words' | 'sampling' | 'picture' | 'mask' | 'concepts' | 'guides' | 'advanced' | 'merge'
  /** How the form shows it. */
  readonly widget:
    | 'prompt'
    | 'text'
    | 'line'
    | 'colour'
    | 'reference'
    | 'class name'
    | 'sampler'
    | 'slider'
    | 'size'
    | 'seed'
    | 'count'
    | 'switch'
    | 'choice'
    | 'steps'
    | 'files'
    | 'class'
    | 'pictures'
    | 'picture'
    /** A part of the picture, as a picture of it. */
    | 'where'
    /** What is made of a picture first. */
    | 'preparation'
    | 'mask'
    | 'controls'
    | 'regions'
  /** Of files: the kind of model that they are. */
  readonly takes?: ModelKind
  /** Absent after parsing unless the person set it: the model's own value is taken (ModelDescription.defaults). */
  readonly fromModel?: true
  /** Where the form's slider ends; typing may go on to the schema's own limit. */
  readonly softMaximum?: number
  /** Where it begins. */
  readonly softMinimum?: number
  readonly step?: number
  /** What the chosen sampler must have (a field of its description) for this to make a difference. */
  readonly needsOfSampler?: 'choosesNoiseLevels'
}

export const about = (meta: ParameterMeta) => ({ ...meta })

/** A parameter from 0 to 1. @param usual what it is where nothing was chosen */
export const share = (usual: number, words: Pick<ParameterMeta, 'title' | 'description' | 'group'>) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(usual)
    .meta(about({ ...words, widget: 'slider', step: 0.01 }))
