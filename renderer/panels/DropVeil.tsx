import { FileInput, Layers } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { copyPicture } from '../files/copy.ts'
import { gather } from '../files/gather.ts'
import { isOnlyLayers, looksLikePicture } from '../files/kinds.ts'
import { openAsDocument, openAsLayers } from '../files/open-files.ts'
import { t } from '../language/language.ts'
import { importFiles, looksLikeModel } from '../state/model-files.ts'
import { applyRecipe, parseRecipe, readRecipe } from '../state/recipes.ts'
import { takesText } from '../state/shortcut.ts'
import { addDropped } from '../state/teach.ts'
import { sayFailure, warn } from '../state/toasts.ts'
import { useUi } from '../state/ui.ts'

/** What files are dropped for. */
type Place = 'layers' | 'recipe'

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/** Takes files to where they belong: models to the models, pictures to what they were dropped for. */
function take(files: readonly File[], place: Place, folders: readonly string[] = [], isCut = false) {
  const models = files.filter(looksLikeModel)
  if (models.length > 0 && folders.length === 0) return void importFiles(models)
  const [file, ...others] = files
  const isAlone = others.length === 0 && folders.length === 0
  if (file === undefined && folders.length === 0) return
  if (place === 'layers' || !isAlone || (file !== undefined && isOnlyLayers(file))) {
    return openAsLayers(files, folders, isCut)
  }
  if (file !== undefined) void readRecipe(file)
}

function drop(event: DragEvent): void {
  event.preventDefault()
  const { dataTransfer, target } = event
  if (dataTransfer === null) return
  if (useUi.getState().room === 'teach') return void addDropped([...dataTransfer.files])
  const isLayers = target instanceof Element && target.closest('[data-place=layers]') !== null
  gather(dataTransfer).then(
    ({ files, folders, isCut }) => take(files, isLayers ? 'layers' : 'recipe', folders, isCut),
    () => warn(t('What was dropped could not be read. Copy it to this computer first.')),
  )
}

/** Pictures on the clipboard become layers; where words are written, they give their recipe. */
function paste(event: ClipboardEvent) {
  const files = [...(event.clipboardData?.files ?? [])]
  const { room } = useUi.getState()
  if (files.length > 0) {
    event.preventDefault()
    if (room === 'teach') return void addDropped(files)
    return take(files, room === 'studio' && !takesText(event.target) ? 'layers' : 'recipe')
  }
  if (takesText(event.target)) return
  const recipe = parseRecipe(event.clipboardData?.getData('text/plain') ?? '')
  if (recipe !== undefined) applyRecipe(recipe, t('the clipboard'))
}

/** The chosen layer goes to the clipboard, unless words are selected. */
function copy(event: ClipboardEvent): void {
  const hasWords = takesText(event.target) || getSelection()?.isCollapsed === false
  if (hasWords || useUi.getState().room !== 'studio') return
  event.preventDefault()
  copyPicture().catch(sayFailure)
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
    const end = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth.current = 0
      setOver(false)
      drop(event)
    }
    const handlers = { dragenter: enter, dragleave: leave, dragover: hover, drop: end, paste, copy } as const
    for (const [name, handler] of Object.entries(handlers)) window.addEventListener(name, handler as EventListener)
    return () => {
      for (const [name, handler] of Object.entries(handlers)) window.removeEventListener(name, handler as EventListener)
    }
  }, [])
  return over
}

const PICTURES = 'image/*,.psd,.svg,.tif,.tiff,.avif'

/** What asks the system for files; commands press it. */
function FileQuestion({ id, many = false, onFiles }: { id: string; many?: boolean; onFiles: (files: File[]) => void }) {
  return (
    <input
      id={id}
      type="file"
      accept={PICTURES}
      multiple={many}
      hidden
      aria-hidden="true"
      tabIndex={-1}
      onChange={event => {
        onFiles([...(event.target.files ?? [])])
        event.target.value = ''
      }}
    />
  )
}

/** Where dropped files go: over the Studio a picture becomes a layer or gives its recipe; a model is added; in the Teach room a folder's pictures are
 *  learned from. */
export function DropVeil() {
  const over = useDrop()
  const room = useUi(state => state.room)
  return (
    <>
      <FileQuestion id="open-file" onFiles={files => files.forEach(open)} />
      <FileQuestion id="open-layers" many onFiles={files => files.length > 0 && openAsLayers(files)} />
      <FileQuestion id="open-recipe" onFiles={files => take(files, 'recipe')} />
      {over && (room === 'studio' ? <StudioVeil /> : <Veil teaches={room === 'teach'} />)}
    </>
  )
}

/** A file that was chosen is opened as a document of its own; a model is added. */
function open(file: File): void {
  if (looksLikeModel(file) && !looksLikePicture(file)) void importFiles([file])
  else void openAsDocument(file)
}

function StudioVeil() {
  return (
    <div className="veil places" data-testid="drop-veil">
      <div data-place="layers">
        <Layers size={18} strokeWidth={1.5} aria-hidden="true" />
        <b>{t('New layer')}</b>
        <span>{t('The picture in the frame; a Photoshop file with its layers.')}</span>
      </div>
      <div data-place="recipe">
        <FileInput size={18} strokeWidth={1.5} aria-hidden="true" />
        <b>{t('Read recipe')}</b>
        <span>{t('Its prompt, seed and settings. A model goes to Models.')}</span>
      </div>
    </div>
  )
}

function Veil({ teaches }: { readonly teaches: boolean }) {
  return (
    <div className="veil" data-testid="drop-veil">
      <div>
        <FileInput size={18} strokeWidth={1.5} aria-hidden="true" />
        <b>{teaches ? t('Learn from the pictures of a folder') : t('Read its recipe, or add a model')}</b>
        <span>
          {teaches
            ? t('They stay where they lie.')
            : t('Prompt, seed and settings of a picture go into the Studio; models stay where they lie.')}
        </span>
      </div>
    </div>
  )
}
