import { Crop } from 'lucide-react'
import { intersection, isEmpty, outward, type Rectangle } from '../raster/rectangle.ts'
import { outlineOf, spanned } from './shapes.ts'
import { defineTool, type Effect, type HandEvent, hasMoved } from './tool.ts'

interface Data {
  readonly from?: HandEvent
  readonly area?: Rectangle
}

const shown = (area: Rectangle): Effect => ({
  type: 'draft',
  draft: { type: 'line', points: outlineOf(area), isClosed: true },
})
const hidden: Effect = { type: 'draft', draft: undefined }
const idle = { to: 'idle', data: {} } as const

const done = ({ area }: Data) => ({
  ...idle,
  effects: area === undefined || isEmpty(area) ? [hidden] : [hidden, { type: 'crop', area } as const],
})

/** Makes the document as small as a rectangle. Layers keep what lies outside of it. */
export const crop = defineTool<'idle' | 'pressed' | 'dragging' | 'chosen', Data>({
  id: 'crop',
  title: 'Crop',
  shortcut: 'Shift+C',
  Icon: Crop,
  use: 'Drag around what shall stay, then press Enter. Layers keep what lies outside.',
  cursor: 'crosshair',
  options: [],
  initial: idle,
  on: {
    idle: { down: (_, event) => ({ to: 'pressed', data: { from: event } }) },
    pressed: {
      move: (data, event) => (data.from && hasMoved(data.from, event) ? { to: 'dragging', data } : undefined),
      up: () => idle,
    },
    dragging: {
      move: (data, event, { paper }) => {
        if (data.from === undefined) return undefined
        const area = intersection(outward(spanned(data.from, event, event.shift)), paper)
        return { to: 'dragging', data: { ...data, area }, effects: [shown(area)] }
      },
      up: data => ({ to: 'chosen', data }),
    },
    chosen: {
      down: (_, event) => ({ to: 'pressed', data: { from: event }, effects: [hidden] }),
      double: done,
      confirm: done,
    },
  },
})
