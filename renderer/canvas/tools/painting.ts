import type { Point } from '../viewport.ts'
import {
  type Definition,
  defineTool,
  type Effect,
  type HandEvent,
  numberOf,
  type Option,
  type StrokeKind,
  type Tool,
} from './tool.ts'

/** What brush, eraser and mask brush have in common: how they follow the hand. */

export const SIZE = {
  kind: 'number',
  name: 'size',
  title: 'Size',
  unit: 'px',
  minimum: 1,
  maximum: 2000,
  softMaximum: 300,
  step: 1,
  value: 24,
} as const satisfies Option
export const SOFTNESS = {
  kind: 'number',
  name: 'softness',
  title: 'Softness',
  unit: '%',
  minimum: 0,
  maximum: 100,
  step: 1,
  value: 20,
} as const satisfies Option
export const OPACITY = {
  kind: 'number',
  name: 'opacity',
  title: 'Opacity',
  unit: '%',
  minimum: 1,
  maximum: 100,
  step: 1,
  value: 100,
} as const satisfies Option
export const SMOOTHING = {
  kind: 'number',
  name: 'smoothing',
  title: 'Smoothing',
  unit: '%',
  minimum: 0,
  maximum: 95,
  step: 1,
  value: 20,
  isRare: true,
} as const satisfies Option
export const PRESSURE = {
  kind: 'choice',
  name: 'pressure',
  title: 'Pressure',
  choices: [
    { value: 'size', label: 'Size' },
    { value: 'opacity', label: 'Opacity' },
    { value: 'nothing', label: 'Nothing' },
  ],
  value: 'size',
  isRare: true,
} as const satisfies Option

/** The size after a step of 10 %, at least one pixel. */
export const nextSize = (size: number, direction: number): number =>
  Math.min(2000, Math.max(1, size + direction * Math.max(1, Math.round(size * 0.1))))

type Name = 'idle' | 'painting' | 'sizing'
interface Data {
  readonly from?: HandEvent
  readonly size: number
  readonly softness: number
}

interface Paint
  extends Pick<Definition<Name, Data>, 'id' | 'title' | 'shortcut' | 'Icon' | 'use' | 'options' | 'commands'> {
  readonly kind: StrokeKind
  /** Whether it takes away, by its options. */
  readonly erases: (values: Readonly<Record<string, unknown>>) => boolean
  /** What a click with Alt means; a drag with Alt changes size and softness. */
  readonly altClick: (at: Point, sample: Point & { readonly pressure: number }) => readonly Effect[]
}

const begin = (kind: StrokeKind, erases: boolean, { point, pressure }: HandEvent): Effect => ({
  type: 'stroke-begin',
  kind,
  erases,
  sample: { ...point, pressure },
})

/** A tool that leaves strokes. They start at once: no threshold of a drag. */
export function paintTool({ kind, erases, altClick, ...rest }: Paint): Tool {
  const idle = { to: 'idle', data: { size: 0, softness: 0 } } as const
  return defineTool<Name, Data>({
    ...rest,
    cursor: 'brush',
    initial: idle,
    on: {
      idle: {
        down: (_, event, around) => {
          const data = { from: event, size: numberOf(around, 'size'), softness: numberOf(around, 'softness') }
          if (event.alt) return { to: 'sizing', data }
          const { last } = around
          const line: Effect[] =
            event.shift && last !== undefined
              ? [
                  begin(kind, erases(around.values), { ...event, point: last }),
                  { type: 'stroke', sample: { ...event.point, pressure: event.pressure } },
                ]
              : [begin(kind, erases(around.values), event)]
          return { to: 'painting', data, effects: line }
        },
      },
      painting: {
        move: (data, { point, pressure }) => ({
          to: 'painting',
          data,
          effects: [{ type: 'stroke', sample: { ...point, pressure } }],
        }),
        up: () => ({ ...idle, effects: [{ type: 'stroke-end' }] }),
        cancel: () => ({ ...idle, effects: [{ type: 'stroke-cancel' }] }),
      },
      sizing: {
        move: (data, event, { scale }) => {
          if (data.from === undefined) return undefined
          const size = Math.max(1, Math.round(data.size + (2 * (event.screen.x - data.from.screen.x)) / scale))
          const softness = Math.min(
            100,
            Math.max(0, Math.round(data.softness - (event.screen.y - data.from.screen.y) / 2)),
          )
          return {
            to: 'sizing',
            data,
            effects: [
              { type: 'set', name: 'size', value: size },
              { type: 'set', name: 'softness', value: softness },
              { type: 'draft', draft: { type: 'brush', at: data.from.point, size, softness } },
            ],
          }
        },
        up: ({ from }, event) => {
          const clicked =
            from !== undefined && Math.hypot(event.screen.x - from.screen.x, event.screen.y - from.screen.y) < 4
          const effects = clicked ? altClick(from.point, { ...from.point, pressure: from.pressure }) : []
          return { ...idle, effects: [{ type: 'draft', draft: undefined }, ...effects] }
        },
        cancel: ({ size, softness }) => ({
          ...idle,
          effects: [
            { type: 'set', name: 'size', value: size },
            { type: 'set', name: 'softness', value: softness },
            { type: 'draft', draft: undefined },
          ],
        }),
      },
    },
  })
}
