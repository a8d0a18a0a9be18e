import type { Command } from './command.ts'
import { earlierPrompt } from './earlier-prompts.ts'
import { changeWeight, promptArea } from './typing.ts'
import { toggleTokens } from './ui.ts'

const writing = { whileTyping: true, hidden: true, can: () => promptArea() !== undefined } as const

/** What keys do while a prompt is written. */
export const promptCommands: readonly Command[] = [
  { id: 'weight-up', title: 'Word counts more', keys: ['Ctrl+ArrowUp'], ...writing, run: () => changeWeight(0.1) },
  { id: 'weight-down', title: 'Word counts less', keys: ['Ctrl+ArrowDown'], ...writing, run: () => changeWeight(-0.1) },
  {
    id: 'weight-up-finely',
    title: 'Word counts a little more',
    keys: ['Ctrl+Shift+ArrowUp'],
    ...writing,
    run: () => changeWeight(0.05),
  },
  {
    id: 'weight-down-finely',
    title: 'Word counts a little less',
    keys: ['Ctrl+Shift+ArrowDown'],
    ...writing,
    run: () => changeWeight(-0.05),
  },
  {
    id: 'prompt-earlier',
    title: 'Earlier prompt',
    keys: ['Alt+ArrowUp'],
    ...writing,
    run: () => void earlierPrompt(1),
  },
  { id: 'prompt-later', title: 'Later prompt', keys: ['Alt+ArrowDown'], ...writing, run: () => void earlierPrompt(-1) },
  { id: 'tokens', title: 'Show the tokens of the prompt', keys: [], room: 'studio', run: toggleTokens },
]
