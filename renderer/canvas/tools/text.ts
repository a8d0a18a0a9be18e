import { Type } from 'lucide-react'
import { defineTool } from './tool.ts'

/** Writes text, which stays text: a press on a text edits it, elsewhere begins one. */
export const text = defineTool<'idle', undefined>({
  id: 'text',
  title: 'Text',
  shortcut: 'T',
  Icon: Type,
  use: 'Click where the text shall begin, or a text to change it. Esc ends it.',
  cursor: 'text',
  options: [],
  initial: { to: 'idle', data: undefined },
  on: {
    idle: { down: (_, event) => ({ to: 'idle', data: undefined, effects: [{ type: 'write', at: event.point }] }) },
  },
})
