import type { ComponentType } from 'react'
import type { Combining } from '../painting/coverage.ts'
import type { Sample } from '../painting/stroke-path.ts'
import type { Rectangle } from '../raster/rectangle.ts'
import type { Point } from '../viewport.ts'
import type { Parts, Transforming } from './transforming.ts'

/** What the hand does on the canvas, as tools see it. */
export interface HandEvent {
  /** In pixels of the document, not rounded. */
  readonly point: Point
  /** In CSS pixels of the stage. */
  readonly screen: Point
  /** 0 to 1; a mouse presses with 1. */
  readonly pressure: number
  readonly shift: boolean
  readonly alt: boolean
  readonly ctrl: boolean
}

export type Values = Readonly<Record<string, number | string | boolean>>

/** What a tool may want to know of the canvas. */
export interface Surroundings {
  /** The tool's options. */
  readonly values: Values
  /** CSS pixels for one of the document. */
  readonly scale: number
  readonly frame: Rectangle
  readonly paper: Rectangle
  /** Sides of the frame are multiples of this. */
  readonly multiple: number
  /** Where the last stroke ended, for a straight line from there. */
  readonly last: Point | undefined
  /** The layer that is transformed, while that tool is in the hand. */
  readonly transforming?: Transforming | undefined
  /** Corners of the shape that is chosen. */
  readonly corners?: readonly Point[]
}

/** What a tool draws over the picture while the hand is down. */
export type Draft =
  | { readonly type: 'line'; readonly points: readonly Point[]; readonly isClosed: boolean }
  | { readonly type: 'brush'; readonly at: Point; readonly size: number; readonly softness: number }
  | { readonly type: 'arrow'; readonly from: Point; readonly to: Point }

export type StrokeKind = 'brush' | 'eraser' | 'mask'

/** What a tool asks for. */
export type Effect =
  | { readonly type: 'pan'; readonly dx: number; readonly dy: number }
  | { readonly type: 'zoom'; readonly factor: number; readonly at: Point }
  | { readonly type: 'look-at'; readonly area: Rectangle }
  | { readonly type: 'stroke-begin'; readonly kind: StrokeKind; readonly erases: boolean; readonly sample: Sample }
  | { readonly type: 'stroke'; readonly sample: Sample }
  | { readonly type: 'stroke-end' }
  | { readonly type: 'stroke-cancel' }
  | { readonly type: 'set'; readonly name: string; readonly value: number | string | boolean }
  | { readonly type: 'pick'; readonly at: Point }
  | { readonly type: 'select'; readonly outline: readonly Point[]; readonly how: Combining }
  /** Selects what is clicked, as the tool's options say. */
  | { readonly type: 'select-at'; readonly at: Point; readonly how: Combining }
  | { readonly type: 'fill'; readonly at: Point }
  | { readonly type: 'gradient'; readonly from: Point; readonly to: Point }
  /** Moves or resizes the generation frame; `isDone` ends the gesture. */
  | { readonly type: 'frame'; readonly frame: Rectangle; readonly isDone: boolean }
  | { readonly type: 'move-layer'; readonly dx: number; readonly dy: number; readonly isDone: boolean }
  | { readonly type: 'transform'; readonly parts: Parts }
  /** Begins a text at a point, or goes on with the one that is there. */
  | { readonly type: 'write'; readonly at: Point }
  /** Shows a shape through these points and draws it when it is done; without points nothing is shown any more. */
  | { readonly type: 'shape'; readonly points: readonly Point[]; readonly isDone: boolean }
  | { readonly type: 'choose-shape'; readonly at: Point }
  /** Moves a corner of the chosen shape; -1 takes that back. */
  | { readonly type: 'reshape'; readonly corner: number; readonly at: Point; readonly isDone: boolean }
  | { readonly type: 'crop'; readonly area: Rectangle }
  | { readonly type: 'draft'; readonly draft: Draft | undefined }

export interface Step<Name extends string, Data> {
  readonly to: Name
  readonly data: Data
  readonly effects?: readonly Effect[]
}

export type Happening = 'down' | 'move' | 'up' | 'double' | 'cancel' | 'confirm'
type Handler<Name extends string, Data> = (
  data: Data,
  event: HandEvent,
  around: Surroundings,
) => Step<Name, Data> | undefined

interface AnyOption {
  readonly name: string
  readonly title: string
  /** Stands behind "More", not in the bar itself. */
  readonly isRare?: boolean
  /** Means something only while another option is set so. */
  readonly when?: { readonly name: string; readonly is: string }
}

export type Option =
  | (AnyOption & {
      readonly kind: 'number'
      readonly unit?: string
      readonly minimum: number
      readonly maximum: number
      readonly softMaximum?: number
      readonly step: number
      readonly value: number
    })
  | (AnyOption & {
      readonly kind: 'choice'
      readonly choices: readonly { readonly value: string; readonly label: string }[]
      readonly value: string
    })

export interface Definition<Name extends string, Data> {
  readonly id: string
  readonly title: string
  /** The letter that takes it. */
  readonly shortcut: string
  readonly Icon: ComponentType<{ readonly size?: number; readonly strokeWidth?: number }>
  /** One line of use, for what does not explain itself. */
  readonly use?: string
  /** A CSS cursor; 'brush' is the outline of what the brush covers. */
  readonly cursor: string
  readonly options: readonly Option[]
  /** Ids of commands that stand in the option bar. */
  readonly commands?: readonly string[]
  readonly initial: { readonly to: Name; readonly data: Data }
  /** What each happening means in each state; `cancel` without an entry goes back to the beginning and takes everything back. */
  readonly on: { readonly [State in Name]: Partial<Record<Happening, Handler<Name, Data>>> }
}

/** A tool at work: one state, and what happens to it. */
export interface Machine {
  readonly state: () => string
  readonly send: (happening: Happening, event: HandEvent, around: Surroundings) => readonly Effect[]
}

export interface Tool extends Omit<Definition<string, unknown>, 'initial' | 'on'> {
  readonly start: () => Machine
}

/** Makes a tool of its states. */
export function defineTool<Name extends string, Data>({ initial, on, ...rest }: Definition<Name, Data>): Tool {
  const start = (): Machine => {
    let now: { readonly to: Name; readonly data: Data } = initial
    return {
      state: () => now.to,
      send: (happening, event, around) => {
        const handler = on[now.to][happening]
        if (handler === undefined) {
          if (happening !== 'cancel' || now.to === initial.to) return []
          now = initial
          return [{ type: 'draft', draft: undefined }]
        }
        const step = handler(now.data, event, around)
        if (step === undefined) return []
        now = step
        return step.effects ?? []
      },
    }
  }
  return { ...rest, start }
}

export const numberOf = ({ values }: Pick<Surroundings, 'values'>, name: string, fallback = 0): number => {
  const value = values[name]
  return typeof value === 'number' ? value : fallback
}

/** A press becomes a drag at this distance in CSS pixels. */
export const DRAG = 4
export const hasMoved = (from: HandEvent, to: HandEvent): boolean =>
  Math.hypot(to.screen.x - from.screen.x, to.screen.y - from.screen.y) >= DRAG

/** What the modifiers make of a new selection: Shift adds, Alt takes away, both intersect. */
export const combiningOf = ({ shift, alt }: Pick<HandEvent, 'shift' | 'alt'>): Combining =>
  shift && alt ? 'intersect' : shift ? 'add' : alt ? 'subtract' : 'replace'
