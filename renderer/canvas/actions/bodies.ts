import { create } from 'zustand'
import {
  angleFor,
  type Body,
  type BodyShape,
  distanceFor,
  emptyScene,
  newBody,
  type Scene,
  type Vector,
} from '../../../app/api/bodies.ts'
import type { Layer } from '../../../app/api/documents.ts'
import type { Point } from '../viewport.ts'
import { addControlLayer, type ControlLayer, holds, networkNamed, workedOn } from './control-layers.ts'
import { keptDocument } from './edits.ts'
import { choose, setLayer } from './layers.ts'
import { activeNow, documentNow } from './stage.ts'

/** What ControlNets that read depth are called. */
const DEPTH = /depth/i

/** What is under the hand. */
export interface BodiesState {
  /** The place of a body in its scene. */
  readonly chosen?: number | undefined
  /** A scene while it is changed; it becomes an edit when the hand lets go. */
  readonly moving?: { readonly layer: string; readonly scene: Scene } | undefined
}
export const useBodies = create<BodiesState>()(() => ({}))

/** Whether a layer holds bodies. */
export const isOfBodies = holds('scene')

/** The layer whose bodies are moved. */
export const bodiesLayerOf = (layers: readonly Layer[], active: Layer | undefined): ControlLayer | undefined =>
  workedOn(layers, active, isOfBodies)
export const bodiesLayerNow = (): ControlLayer | undefined => bodiesLayerOf(keptDocument().layers, activeNow())

/** The scene of a layer as it is shown. */
export function sceneOf(layer: ControlLayer, { moving }: BodiesState = useBodies.getState()): Scene {
  const { scene } = layer.settings
  return moving?.layer === layer.id ? moving.scene : (scene ?? emptyScene(documentNow().frame))
}

/** Shows a scene under the hand. */
export const moveScene = (layer: ControlLayer, scene: Scene): void =>
  useBodies.setState({ moving: { layer: layer.id, scene } })

/** What was changed under the hand becomes an edit. */
export function settleScene(layer: ControlLayer, label: string): void {
  const { moving } = useBodies.getState()
  if (moving?.layer !== layer.id) return
  setScene(layer, moving.scene, label)
  useBodies.setState({ moving: undefined })
}

function setScene(layer: ControlLayer, scene: Scene, label: string): void {
  setLayer(layer.id, { settings: { ...layer.settings, scene } }, label)
}

const withBody = (scene: Scene, place: number, change: (body: Body) => Body): Scene => ({
  ...scene,
  bodies: scene.bodies.map((body, k) => (k === place ? change(body) : body)),
})

/** A new body in the middle of the frame; where there is no layer for bodies, one is made. */
export function addBody(shape: BodyShape): void {
  const layer = bodiesLayerNow()
  const { frame } = documentNow()
  const body = newBody(shape, frame)
  if (layer === undefined) {
    addControlLayer('Depth', DEPTH, { scene: { ...emptyScene(frame), bodies: [body] } }, 'Add body')
    useBodies.setState({ chosen: 0 })
    return
  }
  const scene = sceneOf(layer)
  setScene(layer, { ...scene, bodies: [...scene.bodies, body] }, 'Add body')
  choose(layer.id)
  useBodies.setState({ chosen: scene.bodies.length })
}

/** Bodies on a control layer that has none yet: it becomes one for them. */
export function beginBodies(layer: ControlLayer): void {
  if (layer.settings.scene !== undefined) return
  const { frame } = documentNow()
  const scene = { ...emptyScene(frame), bodies: [newBody('box', frame)] }
  const model = layer.settings.model || networkNamed(DEPTH)
  setLayer(layer.id, { settings: { ...layer.settings, model, scene } }, 'Add body')
  useBodies.setState({ chosen: 0 })
}

/** The chosen body, with the layer that it stands on. */
export function chosenBody():
  | { readonly layer: ControlLayer; readonly place: number; readonly body: Body }
  | undefined {
  const layer = bodiesLayerNow()
  const { chosen: place } = useBodies.getState()
  const body = layer && place !== undefined ? sceneOf(layer).bodies[place] : undefined
  return layer && place !== undefined && body ? { layer, place, body } : undefined
}

/** Changes the chosen body in one step. */
export function changeBody(change: (body: Body) => Body, label: string): void {
  const chosen = chosenBody()
  if (chosen !== undefined) setScene(chosen.layer, withBody(sceneOf(chosen.layer), chosen.place, change), label)
}

/** Changes a body under the hand. */
export const dragBody = (layer: ControlLayer, place: number, change: (body: Body) => Body): void =>
  moveScene(layer, withBody(sceneOf(layer), place, change))

export function removeBody(): void {
  const chosen = chosenBody()
  if (chosen === undefined) return
  const scene = sceneOf(chosen.layer)
  setScene(chosen.layer, { ...scene, bodies: scene.bodies.filter((_, k) => k !== chosen.place) }, 'Remove body')
  useBodies.setState({ chosen: undefined })
}

/** Puts a second one beside the chosen body. */
export function duplicateBody(): void {
  const chosen = chosenBody()
  if (chosen === undefined) return
  const scene = sceneOf(chosen.layer)
  const copy = movedBy(chosen.body, [chosen.body.size[0] / 2, 0, 0])
  setScene(chosen.layer, { ...scene, bodies: [...scene.bodies, copy] }, 'Duplicate body')
  useBodies.setState({ chosen: scene.bodies.length })
}

/** Chooses the next body of the layer. */
export function walkBodies(step: 1 | -1): void {
  const layer = bodiesLayerNow()
  const count = layer === undefined ? 0 : sceneOf(layer).bodies.length
  if (count === 0) return
  const { chosen } = useBodies.getState()
  useBodies.setState({ chosen: chosen === undefined ? (step > 0 ? 0 : count - 1) : (chosen + step + count) % count })
}

export const movedBy = (body: Body, [x, y, z]: Vector): Body => ({
  ...body,
  at: [body.at[0] + x, body.at[1] + y, body.at[2] + z],
})

const turnedTo = (angle: number): number => ((((angle + 180) % 360) + 360) % 360) - 180

/** Turned further about its upright axis, about x and about the line of sight, in degrees. */
export const turnedBy = (body: Body, [around, about, along]: Vector): Body => ({
  ...body,
  turn: [turnedTo(body.turn[0] + about), turnedTo(body.turn[1] + around), turnedTo(body.turn[2] + along)],
})

/** Shorter than this, in pixels, no body is. */
const SHORTEST = 1

export function scaledBy(body: Body, factor: number): Body {
  const shortest = Math.min(...body.size)
  const by = Math.max(factor, Math.min(1, SHORTEST / shortest))
  return { ...body, size: [body.size[0] * by, body.size[1] * by, body.size[2] * by] }
}

/** As far as the hand went in the picture, in pixels where the body stands. */
export function inItsPlane({ at }: Body, { eye }: Scene, by: Point): Vector {
  const scale = Math.max(0.05, (eye.distance + at[2]) / eye.distance)
  return [by.x * scale, by.y * scale, 0]
}

/** The angle under which the longer side of the frame is seen, in degrees; another one moves the eye nearer or away. */
export const angleOf = ({ eye }: Scene): number => angleFor(longerSide(), eye.distance)
export const withAngle = (scene: Scene, angle: number): Scene => ({
  ...scene,
  eye: { ...scene.eye, distance: distanceFor(longerSide(), angle) },
})

const longerSide = (): number => {
  const { frame } = documentNow()
  return Math.max(frame.width, frame.height)
}
