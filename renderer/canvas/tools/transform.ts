import { Scaling } from 'lucide-react'
import { defineTool, type HandEvent } from './tool.ts'
import { type Hold, holdAt, moved, type Parts, pulled, type Transforming, turned } from './transforming.ts'

interface Data {
  readonly from: HandEvent
  readonly hold: Hold
  readonly now: Transforming
}

function after({ from, hold, now }: Data, event: HandEvent): Parts {
  if (hold.does === 'pull') return pulled(now, hold.side, from.point, event.point, event)
  return (hold.does === 'move' ? moved : turned)(now, from.point, event.point, event)
}

/** Scales, turns and leans the chosen layer. Its pixels stay as they are. */
export const transform = defineTool<'idle' | 'dragging', Data | undefined>({
  id: 'transform',
  title: 'Transform',
  shortcut: 'Ctrl+T',
  Icon: Scaling,
  use: 'Pull handles to scale (Shift keeps the proportion, Alt the middle, Ctrl leans), drag outside to turn. Enter keeps it.',
  cursor: 'default',
  options: [],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: {
      down: (_, event, { transforming, scale }) => {
        const hold = transforming && holdAt(transforming, event.point, scale)
        return hold && { to: 'dragging', data: { from: event, hold, now: transforming } }
      },
    },
    dragging: {
      move: (data, event) =>
        data && { to: 'dragging', data, effects: [{ type: 'transform', parts: after(data, event) }] },
      up: () => ({ to: 'idle', data: undefined }),
      cancel: data => data && { to: 'idle', data: undefined, effects: [{ type: 'transform', parts: data.now.parts }] },
    },
  },
})
