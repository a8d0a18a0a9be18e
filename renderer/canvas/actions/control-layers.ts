import { type Change, isOfKind, type Layer, newLayer, type SettingsByKind } from '../../../app/api/documents.ts'
import type { ProblemInfo } from '../../state/api.ts'
import { controlFits, fittingNamed } from '../../state/control-networks.ts'
import { useEngine } from '../../state/engine.ts'
import { formNow } from '../../state/form-in-force.ts'
import type { Failure } from '../../state/problem.ts'
import { useUi } from '../../state/ui.ts'
import { useCanvas } from './canvas-state.ts'
import { change, keptDocument } from './edits.ts'
import { freeName } from './strokes.ts'
import { firstChanges } from './tiles.ts'

/** A layer that controls what is drawn. */
export type ControlLayer = Layer & { readonly kind: 'control'; readonly settings: SettingsByKind['control'] }

/** Whether a layer controls what is drawn by something placed on it. */
export const holds =
  (what: 'figures' | 'scene') =>
  (layer: Layer): layer is ControlLayer =>
    isOfKind(layer, 'control') && layer.settings[what] !== undefined

/** The layer of a kind that is worked on: the chosen one, else the topmost that is seen. */
export function workedOn(
  layers: readonly Layer[],
  active: Layer | undefined,
  is: (layer: Layer) => layer is ControlLayer,
): ControlLayer | undefined {
  if (active !== undefined && is(active)) return active
  return layers.filter(is).findLast(({ isVisible }) => isVisible)
}

/** The id of a network of this computer that fits the model and whose name says what it reads; '' where there is none. */
export const networkNamed = (name: RegExp): string =>
  fittingNamed(name, formNow().model, useEngine.getState().others)?.id ?? ''

/** The control layer that a failure is about: the one that it names, else one whose network was made for other models, else the one that is
 *  worked on. */
export function controlInQuestion(failure: ProblemInfo | Failure): ControlLayer | undefined {
  const { others } = useEngine.getState()
  const { model } = formNow()
  const controls = keptDocument().layers.filter(layer => isOfKind(layer, 'control'))
  const seen = controls.filter(({ isVisible }) => isVisible)
  const isUnfit = ({ settings }: ControlLayer) =>
    others.some(each => each.id === settings.model && !controlFits(each, model))
  const { active } = useCanvas.getState()
  return (
    controls.find(({ id }) => 'layer' in failure && id === failure.layer) ??
    seen.find(isUnfit) ??
    seen.find(({ id }) => id === active) ??
    seen.at(-1)
  )
}

/** Shows a control layer with its settings. */
export function openControlLayer({ id }: ControlLayer): void {
  useCanvas.setState({ active: id })
  useUi.setState({ panel: 'layers' })
}

/** Adds a control layer on top with something placed on it. @param reads what its ControlNet is called */
export function addControlLayer(
  name: string,
  reads: RegExp,
  placed: Partial<SettingsByKind['control']>,
  label: string,
): void {
  const { layers } = keptDocument()
  const settings = { model: networkNamed(reads), weight: 1, start: 0, end: 1, ...placed }
  const made = newLayer({ kind: 'control', name: freeName(name, layers), settings })
  const changes: Change[] = [...firstChanges(), { type: 'add-layer', layer: made, index: layers.length }]
  void change({ label, changes })
  useCanvas.setState({ active: made.id })
}

/** How far the arrow keys go in the picture, in steps to the right and down. */
export const arrowSteps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
