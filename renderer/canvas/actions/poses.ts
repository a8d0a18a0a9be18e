import { create } from 'zustand'
import type { Layer } from '../../../app/api/documents.ts'
import {
  between,
  type Figure,
  figureIn,
  type Joint,
  jointAt,
  type MovingRules,
  mirroredFigure,
  moveJoint,
  type postures,
  readOpenPose,
  shifted,
  writeOpenPose,
} from '../../../app/api/pose.ts'
import { useTools } from '../../state/tools.ts'
import { addControlLayer, type ControlLayer, holds, workedOn } from './control-layers.ts'
import { keptDocument } from './edits.ts'
import { choose, setLayer } from './layers.ts'
import { activeNow, documentNow } from './stage.ts'

/** A joint of a figure of the pose layer. */
export interface JointPlace {
  readonly figure: number
  readonly joint: number
}

/** What is under the hand. */
export interface PoseState {
  readonly chosen?: JointPlace | undefined
  /** Figures while they are moved; they become an edit when the hand lets go. */
  readonly moving?: { readonly layer: string; readonly figures: readonly Figure[] } | undefined
}
export const usePose = create<PoseState>()(() => ({}))

export type PoseLayer = ControlLayer

/** Whether a layer holds figures. */
export const isPose = holds('figures')

/** The layer whose figures are moved. */
export const poseLayerOf = (layers: readonly Layer[], active: Layer | undefined): PoseLayer | undefined =>
  workedOn(layers, active, isPose)
export const poseLayerNow = (): PoseLayer | undefined => poseLayerOf(keptDocument().layers, activeNow())

/** Figures of a layer as they are shown. */
export function figuresOf(layer: PoseLayer, { moving }: PoseState = usePose.getState()): readonly Figure[] {
  return moving?.layer === layer.id ? moving.figures : (layer.settings.figures ?? [])
}

/** How joints are moved, as the tool is set. */
export function rulesNow(alt = false): MovingRules {
  const { limbs, bones } = useTools.getState().values.pose ?? {}
  return { keepsLengths: bones !== 'free', mirrors: (limbs === 'both') !== alt }
}

/** Takes a joint to a place in the document. @param alt turns mirroring round once */
export function dragJoint(layer: PoseLayer, { figure, joint }: JointPlace, to: Joint, alt = false): void {
  const figures = figuresOf(layer).map((each, k) => (k === figure ? moveJoint(each, joint, to, rulesNow(alt)) : each))
  usePose.setState({ moving: { layer: layer.id, figures } })
}

/** What was dragged becomes an edit. */
export function settlePose(layer: PoseLayer, label: string): void {
  const { moving } = usePose.getState()
  if (moving?.layer !== layer.id) return
  setFigures(layer, moving.figures, label)
  usePose.setState({ moving: undefined })
}

export function setFigures(layer: PoseLayer, figures: readonly Figure[], label: string): void {
  setLayer(layer.id, { settings: { ...layer.settings, figures } }, label)
}

/** Hides a joint, or shows it again beside the one that it hangs on. */
export function toggleJoint(layer: PoseLayer, { figure, joint }: JointPlace): void {
  const figures = figuresOf(layer).map((each, k) => {
    if (k !== figure) return each
    const seen = each.find(other => other !== null) ?? { x: 0, y: 0 }
    return each.map((place, at) => (at !== joint ? place : place === null ? { x: seen.x + 8, y: seen.y + 8 } : null))
  })
  setFigures(layer, figures, 'Hide joint')
}

/** A new figure in a posture, in the middle of the frame; where there is no pose layer, one is made. */
export function addFigure(posture: (typeof postures)[number]): void {
  addFigures([figureInFrame(posture)], 'Add figure')
}

function figureInFrame(posture: (typeof postures)[number]): Figure {
  const { frame } = documentNow()
  const side = Math.min(frame.width, frame.height)
  return figureIn(posture, { x: frame.x + frame.width / 2, y: frame.y + frame.height * 0.625 }, side / 128)
}

/** The chosen figure goes into a posture, where it stands; without one, a figure is added. */
export function takePosture(posture: (typeof postures)[number]): void {
  const layer = poseLayerNow()
  const place = usePose.getState().chosen?.figure ?? 0
  const figure = layer && figuresOf(layer)[place]
  if (layer === undefined || figure === undefined) {
    addFigure(posture)
    return
  }
  const to = placedAs(figureInFrame(posture), figure)
  const set = (share: number) =>
    usePose.setState({
      moving: {
        layer: layer.id,
        figures: figuresOf(layer).map((each, k) => (k === place ? between(figure, to, share) : each)),
      },
    })
  blend(set, () => settlePose(layer, posture.title))
}

/** A figure as large as another one, with its neck and hips where that one's middle is. */
function placedAs(figure: Figure, like: Figure): Figure {
  const scale = heightOf(like) / Math.max(heightOf(figure), 1)
  const [from, to] = [middleOf(figure), middleOf(like)]
  return figure.map(joint => joint && { x: to.x + (joint.x - from.x) * scale, y: to.y + (joint.y - from.y) * scale })
}

/** From the neck to the hips: what no posture changes. */
function heightOf(figure: Figure): number {
  const [neck, hip] = [jointAt(figure, 1), jointAt(figure, 8) ?? jointAt(figure, 11)]
  return neck === undefined || hip === undefined ? 24 : Math.hypot(neck.x - hip.x, neck.y - hip.y)
}

function middleOf(figure: Figure): Joint {
  const seen = [1, 8, 11].flatMap(joint => jointAt(figure, joint) ?? [])
  const all = seen.length > 0 ? seen : figure.filter(joint => joint !== null)
  const sum = all.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 })
  return { x: sum.x / Math.max(all.length, 1), y: sum.y / Math.max(all.length, 1) }
}

const BLEND = 220

function blend(set: (share: number) => void, done: () => void): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    set(1)
    done()
    return
  }
  const start = performance.now()
  const frame = (now: number) => {
    const share = Math.min(1, (now - start) / BLEND)
    set(1 - (1 - share) ** 3)
    if (share < 1) requestAnimationFrame(frame)
    else done()
  }
  requestAnimationFrame(frame)
}

/** Adds figures to the pose layer, or makes one with them. */
export function addFigures(figures: readonly Figure[], label: string): void {
  const layer = poseLayerNow()
  if (layer !== undefined) {
    setFigures(layer, [...figuresOf(layer), ...figures], label)
    choose(layer.id)
    usePose.setState({ chosen: { figure: figuresOf(layer).length, joint: 1 } })
    return
  }
  addControlLayer('Pose', /pose/i, { figures }, label)
  usePose.setState({ chosen: { figure: 0, joint: 1 } })
}

export function removeFigure(): void {
  const layer = poseLayerNow()
  const place = usePose.getState().chosen?.figure
  if (layer === undefined || place === undefined) return
  setFigures(
    layer,
    figuresOf(layer).filter((_, k) => k !== place),
    'Remove figure',
  )
  usePose.setState({ chosen: undefined })
}

/** The chosen figure, or the only one, as seen in a mirror. */
export function mirrorFigure(): void {
  const layer = poseLayerNow()
  const place = usePose.getState().chosen?.figure ?? 0
  if (layer === undefined) return
  setFigures(
    layer,
    figuresOf(layer).map((each, k) => (k === place ? mirroredFigure(each) : each)),
    'Mirror figure',
  )
}

/** Moves the chosen joint by pixels of the document. */
export function nudgeJoint(dx: number, dy: number): void {
  const { chosen } = usePose.getState()
  const layer = poseLayerNow()
  const joint = layer && chosen && jointAt(figuresOf(layer)[chosen.figure] ?? [], chosen.joint)
  if (layer === undefined || chosen === undefined || joint === undefined) return
  dragJoint(layer, chosen, { x: joint.x + dx, y: joint.y + dy })
  settlePose(layer, 'Move joint')
}

/** Chooses the next joint that is seen, over all figures. */
export function walkJoints(step: 1 | -1): void {
  const layer = poseLayerNow()
  if (layer === undefined) return
  const places = figuresOf(layer).flatMap((figure, k) =>
    figure.flatMap((joint, at) => (joint === null ? [] : [{ figure: k, joint: at }])),
  )
  const { chosen } = usePose.getState()
  const now = places.findIndex(({ figure, joint }) => figure === chosen?.figure && joint === chosen.joint)
  const next = places[(now + step + places.length) % Math.max(places.length, 1)]
  if (next !== undefined) usePose.setState({ chosen: next })
}

/** Adds the figures of an OpenPose file, laid over the frame. @throws Problem POSE_FILE */
export function importPoses(text: string, name: string): void {
  const { frame } = documentNow()
  const figures = readOpenPose(text, frame, name).map(figure => shifted(figure, [...figure.keys()], frame.x, frame.y))
  addFigures(figures, 'Import poses')
}

/** The figures of the pose layer as OpenPose writes them, over the frame. */
export function exportedPoses(): string {
  const { frame } = documentNow()
  const layer = poseLayerNow()
  const figures = layer === undefined ? [] : figuresOf(layer)
  return writeOpenPose(
    figures.map(figure => shifted(figure, [...figure.keys()], -frame.x, -frame.y)),
    frame,
  )
}
