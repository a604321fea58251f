/** All that the rest of the console knows of the component kit, and our own components over it. */
export {
  ActionIcon, Alert, Box, Button, Checkbox, Code, Divider, Group, Kbd, Loader, Menu, MultiSelect, NumberInput,
  PasswordInput, Progress, Radio, SegmentedControl, Select, SimpleGrid, Skeleton, Stack, Stepper, Switch, Tabs, TagsInput, Text, Textarea, TextInput,
  Timeline, Title, UnstyledButton, useMantineColorScheme as useScheme,
} from '@mantine/core'
export { useDebouncedValue, useDisclosure } from '@mantine/hooks'
export { Provider } from './Provider'
export { Address } from './Address'
export { Choice } from './Choice'
export { NativeChoice } from './NativeChoice'
export { Foot } from './Foot'
export { MailTabs } from './MailTabs'
export { useConfirm } from './Confirm'
export { Dialog, Panel } from './Dialog'
export { Frame } from './Frame'
export { FileDrop } from './FileDrop'
export { Once } from './Once'
export { Anchor, Empty, Facts, Figure, Page, Tiles } from './Page'
export { QrCode } from './QrCode'
export { Section } from './Section'
export { Sections } from './Sections'
export { Bar, Status, type Part, type Tone } from './Status'
export { OnPhone, Table, usePhone, type Column } from './Table'
export { TabList } from './TabList'
export { toast } from './toast'
export { Toasts } from './Toasts'
export { WeekGrid } from './WeekGrid'
export * from './icons'
