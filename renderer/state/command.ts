import type { Room } from './ui.ts'

/** Something that a key or the palette does. */
export interface Command {
  readonly id: string
  readonly title: string
  readonly keys: readonly string[]
  /** Where it belongs; everywhere when absent. */
  readonly room?: Room
  /** Works while text is typed, too. */
  readonly whileTyping?: boolean
  /** Not in the palette: it needs its place. */
  readonly hidden?: boolean
  /** Its keys are those of its place, such as Esc: nobody changes them. */
  readonly fixed?: boolean
  /** Whether it can do anything now. */
  readonly can?: () => boolean
  readonly run: () => void
}
