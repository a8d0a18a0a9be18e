import { FileInput } from 'lucide-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { importFiles, looksLikeModel } from '../state/model-files.ts'
import { applyRecipe, parseRecipe, readRecipe } from '../state/recipes.ts'
import { takesText } from '../state/shortcut.ts'
import { addDropped } from '../state/teach.ts'
import { warn } from '../state/toasts.ts'
import { useUi } from '../state/ui.ts'

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

function take(files: FileList | null | undefined): void {
  if (useUi.getState().room === 'teach') return void addDropped([...(files ?? [])])
  const models = [...(files ?? [])].filter(looksLikeModel)
  if (models.length > 0) return void importFiles(models)
  const [file, ...others] = [...(files ?? [])]
  if (file === undefined) return
  void readRecipe(file)
  if (others.length > 0) warn(`One picture at a time: only the recipe of ${file.name} was read.`)
}

function paste(event: ClipboardEvent): void {
  if (event.clipboardData !== null && event.clipboardData.files.length > 0) {
    event.preventDefault()
    take(event.clipboardData.files)
    return
  }
  if (takesText(event.target)) return
  const recipe = parseRecipe(event.clipboardData?.getData('text/plain') ?? '')
  if (recipe !== undefined) applyRecipe(recipe, 'the clipboard')
}

/** Whether files are held over the window; takes them when they are dropped or pasted. */
function useDrop(): boolean {
  const [over, setOver] = useState(false)
  const depth = useRef(0)
  useEffect(() => {
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth.current++
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth.current = Math.max(0, depth.current - 1)
      if (depth.current === 0) setOver(false)
    }
    const hover = (event: DragEvent) => hasFiles(event) && event.preventDefault()
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      depth.current = 0
      setOver(false)
      take(event.dataTransfer?.files)
    }
    const handlers = { dragenter: enter, dragleave: leave, dragover: hover, drop } as const
    for (const [name, handler] of Object.entries(handlers))
      window.addEventListener(name as keyof typeof handlers, handler)
    window.addEventListener('paste', paste)
    return () => {
      for (const [name, handler] of Object.entries(handlers))
        window.removeEventListener(name as keyof typeof handlers, handler)
      window.removeEventListener('paste', paste)
    }
  }, [])
  return over
}

/** Where dropped files go: a picture gives its recipe, a model is added; in the Teach room a folder's pictures are learned from. */
export function DropVeil() {
  const over = useDrop()
  const teaches = useUi(state => state.room === 'teach')
  const input: RefObject<HTMLInputElement | null> = useRef(null)
  return (
    <>
      <input
        ref={input}
        id="open-file"
        type="file"
        accept="image/*"
        hidden
        aria-hidden="true"
        tabIndex={-1}
        onChange={event => {
          take(event.target.files)
          event.target.value = ''
        }}
      />
      {over && (
        <div className="veil" data-testid="drop-veil">
          <div>
            <FileInput size={18} strokeWidth={1.5} aria-hidden="true" />
            <b>{teaches ? 'Learn from the pictures of a folder' : 'Read its recipe, or add a model'}</b>
            <span>
              {teaches
                ? 'They stay where they lie.'
                : 'Prompt, seed and settings of a picture go into the Studio; models stay where they lie.'}
            </span>
          </div>
        </div>
      )}
    </>
  )
}
