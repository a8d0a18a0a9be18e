import type { SettingsByKind } from '../../app/api/documents.ts'
import { controlKinds } from '../../app/api/kinds.ts'
import type { Preparation } from '../../app/api/pose.ts'
import { suits } from './additions.ts'
import type { ModelInfo } from './api.ts'

/** Networks that hold a picture to another, what they are for, and which of them fit a model. */

type Settings = Pick<SettingsByKind['control'], 'model' | 'prepare' | 'figures' | 'scene'>

export const controlsAmong = (others: readonly ModelInfo[]): readonly ModelInfo[] =>
  others.filter(({ kind }) => controlKinds.includes(kind))

/** Whether a network was made for models of this kind, as far as both say what they are. Of ControlNets and IP-Adapters the width of the text tells it,
 *  so one of a width that nobody knows, as those that come with the app, fits no model of a known one. T2I-Adapters read no text: one that was made for
 *  another model than those that are known is taken for theirs, too. */
export function controlFits(control: ModelInfo, model: ModelInfo | undefined): boolean {
  const family = model?.family ?? (model?.embedded ? 'unknown' : undefined)
  if (control.kind === 't2i-adapter' && !model?.embedded) return suits(control, model)
  return control.family === undefined || family === undefined || control.family === family
}

/** What networks are called that read what is made of a layer. */
const READERS: Readonly<Record<Exclude<Preparation, 'none'>, RegExp>> = {
  edges: /canny|edge/i,
  'soft edges': /soft.?edge|hed|pidi/i,
  scribble: /scribble|sketch/i,
  lines: /line.?art|lines|drawing/i,
  tile: /tile/i,
  shuffle: /shuffle/i,
  colours: /colou?r/i,
  normals: /normal/i,
  pose: /pose/i,
  depth: /depth|zoe|midas/i,
}

/** What networks are called that read a layer; undefined where nothing says what is on it. */
function readersOf({ figures, scene, prepare = 'none' }: Settings): RegExp | undefined {
  if (figures !== undefined) return READERS.pose
  if (scene !== undefined) return READERS.depth
  return prepare === 'none' ? undefined : READERS[prepare]
}

/** Whether it is known what reads a layer. */
export const saysWhatItIs = (settings: Settings): boolean => readersOf(settings) !== undefined

/** The first network that fits the model and is called so. */
export const fittingNamed = (
  name: RegExp,
  model: ModelInfo | undefined,
  others: readonly ModelInfo[],
): ModelInfo | undefined =>
  controlsAmong(others).find(
    each =>
      each.kind !== 'ip-adapter' && each.problem === undefined && controlFits(each, model) && name.test(each.name),
  )

/** The network for a layer on which none is chosen: what is on the layer says what it must read. */
export function controlFor(
  settings: Settings,
  model: ModelInfo | undefined,
  others: readonly ModelInfo[],
): ModelInfo | undefined {
  const name = readersOf(settings)
  return name && fittingNamed(name, model, others)
}

/** The network that reads the same as the chosen one and fits the model. */
export function insteadOf(
  chosen: ModelInfo,
  settings: Settings,
  model: ModelInfo | undefined,
  others: readonly ModelInfo[],
): ModelInfo | undefined {
  if (chosen.kind === 'ip-adapter') {
    return others.find(each => each.kind === 'ip-adapter' && each.problem === undefined && controlFits(each, model))
  }
  const name = readersOf(settings) ?? Object.values(READERS).find(each => each.test(chosen.name))
  return name && fittingNamed(name, model, others)
}
