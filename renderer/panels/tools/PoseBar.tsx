import { FileJson, FlipHorizontal2, Trash2, UserPlus } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useRef } from 'react'
import { postures } from '../../../app/api/pose.ts'
import { activeOf, useCanvas } from '../../canvas/actions/canvas-state.ts'
import {
  addFigure,
  exportedPoses,
  figuresOf,
  importPoses,
  mirrorFigure,
  poseLayerOf,
  removeFigure,
  usePose,
} from '../../canvas/actions/poses.ts'
import { useDocumentInForce } from '../../canvas/document-in-force.ts'
import { Button } from '../../components/Button.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { download } from '../../files/export.ts'
import { t } from '../../language/language.ts'
import { sayFailure } from '../../state/toasts.ts'

/** What can be done with figures beside moving their joints. */
export function PoseBar() {
  const { layers } = useDocumentInForce()
  const active = useCanvas(state => activeOf(layers, state.active))
  const chosen = usePose(state => state.chosen)
  const layer = poseLayerOf(layers, active)
  const hasFigures = layer !== undefined && figuresOf(layer).length > 0
  const file = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button small look="ghost" onClick={() => addFigure(postures[0])} data-testid="add-figure">
        <UserPlus size={14} strokeWidth={1.5} aria-hidden="true" />
        {t('Add figure')}
      </Button>
      <IconButton label={t('Mirror the figure')} disabled={!hasFigures} onClick={mirrorFigure}>
        <FlipHorizontal2 size={16} strokeWidth={1.5} />
      </IconButton>
      <IconButton label={t('Remove the figure')} disabled={!hasFigures || chosen === undefined} onClick={removeFigure}>
        <Trash2 size={16} strokeWidth={1.5} />
      </IconButton>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <IconButton label={t('OpenPose JSON')} data-testid="pose-json">
            <FileJson size={16} strokeWidth={1.5} />
          </IconButton>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="pop list" align="start" sideOffset={4} collisionPadding={8}>
            <DropdownMenu.Item className="list-item" onSelect={() => file.current?.click()}>
              <span className="name">{t('Open figures …')}</span>
            </DropdownMenu.Item>
            <DropdownMenu.Item className="list-item" disabled={!hasFigures} onSelect={save} data-testid="pose-export">
              <span className="name">{t('Save these figures')}</span>
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        hidden
        data-testid="pose-file"
        onChange={event => {
          const [chosenFile] = event.target.files ?? []
          event.target.value = ''
          if (chosenFile !== undefined) void open(chosenFile)
        }}
      />
    </>
  )
}

const save = (): void => download(new Blob([exportedPoses()], { type: 'application/json' }), 'pose.json')

async function open(file: File): Promise<void> {
  try {
    importPoses(await file.text(), file.name)
  } catch (error) {
    sayFailure(error)
  }
}
