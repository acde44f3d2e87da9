CREATE TABLE "applied_config" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "digest" TEXT NOT NULL, "problems" TEXT NOT NULL, "time" INTEGER NOT NULL)
CREATE TABLE "batch_change" ("result_id" INTEGER NOT NULL, "change_id" INTEGER NOT NULL, PRIMARY KEY ("result_id", "change_id"), FOREIGN KEY ("result_id") REFERENCES "job_result" ("id") ON DELETE CASCADE) WITHOUT ROWID
CREATE TABLE "change_context" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "request_id" BLOB NOT NULL, "user_id" INTEGER, "user_name" TEXT NOT NULL, "acted_for" TEXT NOT NULL, "kind" TEXT NOT NULL, "detail" TEXT NOT NULL, "reason" TEXT NOT NULL, "result_id" INTEGER, "cause_id" INTEGER, "depth" INTEGER NOT NULL, "owner" TEXT, "on_abandon" TEXT NOT NULL, "mute" TEXT NOT NULL, "opened" INTEGER NOT NULL, "closed" INTEGER, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE SET NULL)
CREATE TABLE config_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)
CREATE TABLE "custom_field" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "key" TEXT NOT NULL, "label" TEXT NOT NULL, "kind" TEXT NOT NULL, "content_types" TEXT NOT NULL, "required" INTEGER NOT NULL, "default" TEXT, "choices" TEXT NOT NULL, "weight" INTEGER NOT NULL, "description" TEXT NOT NULL, "minimum" INTEGER, "maximum" INTEGER, "regex" TEXT NOT NULL)
CREATE TABLE "device" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT, "device_type_id" BLOB NOT NULL, "role_id" BLOB NOT NULL, "status_id" BLOB NOT NULL, "location_id" BLOB NOT NULL, "tenant_id" BLOB, "platform_id" BLOB, "rack_id" BLOB, "position" INTEGER, "face" TEXT NOT NULL, "serial" TEXT NOT NULL, "asset_tag" TEXT, "primary_ip4_id" BLOB, "primary_ip6_id" BLOB, "local_config_context_data" TEXT, "comments" TEXT NOT NULL, FOREIGN KEY ("device_type_id") REFERENCES "device_type" ("id"), FOREIGN KEY ("role_id") REFERENCES "role" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("location_id") REFERENCES "location" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"), FOREIGN KEY ("platform_id") REFERENCES "platform" ("id"), FOREIGN KEY ("rack_id") REFERENCES "rack" ("id"), FOREIGN KEY ("primary_ip4_id") REFERENCES "ip_address" ("id"), FOREIGN KEY ("primary_ip6_id") REFERENCES "ip_address" ("id"))
CREATE TABLE "device_type" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "manufacturer_id" BLOB NOT NULL, "model" TEXT NOT NULL, "part_number" TEXT NOT NULL, "u_height" INTEGER NOT NULL, "is_full_depth" INTEGER NOT NULL, "comments" TEXT NOT NULL, FOREIGN KEY ("manufacturer_id") REFERENCES "manufacturer" ("id"))
CREATE TABLE "held_notice" ("summary_id" INTEGER NOT NULL, "result_id" INTEGER NOT NULL, PRIMARY KEY ("summary_id", "result_id"), FOREIGN KEY ("summary_id") REFERENCES "job_result" ("id") ON DELETE CASCADE) WITHOUT ROWID
CREATE TABLE "image_codec" ("id" INTEGER NOT NULL PRIMARY KEY, "dictionary" BLOB NOT NULL)
CREATE TABLE "interface" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "device_id" BLOB NOT NULL, "name" TEXT NOT NULL, "label" TEXT NOT NULL, "status_id" BLOB NOT NULL, "role_id" BLOB, "type" TEXT NOT NULL, "enabled" INTEGER NOT NULL, "mac_address" TEXT NOT NULL, "mtu" INTEGER, "mgmt_only" INTEGER NOT NULL, "mode" TEXT NOT NULL, "untagged_vlan_id" BLOB, "parent_interface_id" BLOB, "lag_id" BLOB, "vrf_id" BLOB, "description" TEXT NOT NULL, FOREIGN KEY ("device_id") REFERENCES "device" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("role_id") REFERENCES "role" ("id"), FOREIGN KEY ("untagged_vlan_id") REFERENCES "vlan" ("id"), FOREIGN KEY ("parent_interface_id") REFERENCES "interface" ("id"), FOREIGN KEY ("lag_id") REFERENCES "interface" ("id"), FOREIGN KEY ("vrf_id") REFERENCES "vrf" ("id"))
CREATE TABLE "interface_tagged_vlans" ("owner_id" BLOB NOT NULL, "member_id" BLOB NOT NULL, PRIMARY KEY ("owner_id", "member_id"), FOREIGN KEY ("owner_id") REFERENCES "interface" ("id"), FOREIGN KEY ("member_id") REFERENCES "vlan" ("id"))
CREATE TABLE "ip_address" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "host" BLOB NOT NULL, "mask_length" INTEGER NOT NULL, "ip_version" INTEGER NOT NULL, "type" TEXT NOT NULL, "namespace_id" BLOB NOT NULL, "parent_id" BLOB NOT NULL, "status_id" BLOB NOT NULL, "role_id" BLOB, "tenant_id" BLOB, "nat_inside_id" BLOB, "dns_name" TEXT NOT NULL, "description" TEXT NOT NULL, FOREIGN KEY ("namespace_id") REFERENCES "namespace" ("id"), FOREIGN KEY ("parent_id") REFERENCES "prefix" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("role_id") REFERENCES "role" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"), FOREIGN KEY ("nat_inside_id") REFERENCES "ip_address" ("id"))
CREATE TABLE "ip_address_to_interface" ("id" BLOB NOT NULL PRIMARY KEY, "ip_address_id" BLOB NOT NULL, "interface_id" BLOB NOT NULL, FOREIGN KEY ("ip_address_id") REFERENCES "ip_address" ("id"), FOREIGN KEY ("interface_id") REFERENCES "interface" ("id"))
CREATE TABLE "job_arguments" ("result_id" INTEGER NOT NULL PRIMARY KEY, "arguments" TEXT NOT NULL, FOREIGN KEY ("result_id") REFERENCES "job_result" ("id") ON DELETE CASCADE)
CREATE TABLE "job_button" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "object_types" TEXT NOT NULL, "enabled" INTEGER NOT NULL, "text" TEXT NOT NULL, "key" TEXT NOT NULL, "job_id" INTEGER NOT NULL, "weight" INTEGER NOT NULL, "group_name" TEXT NOT NULL, "button_class" TEXT NOT NULL, "confirmation" INTEGER NOT NULL, "queue" TEXT NOT NULL, "priority" INTEGER, "created" INTEGER NOT NULL, "managed" TEXT NOT NULL, FOREIGN KEY ("job_id") REFERENCES "job_record" ("id") ON DELETE CASCADE)
CREATE TABLE "job_file" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "result_id" INTEGER NOT NULL, "name" TEXT NOT NULL, "size" INTEGER NOT NULL, "path" TEXT NOT NULL, FOREIGN KEY ("result_id") REFERENCES "job_result" ("id") ON DELETE CASCADE)
CREATE TABLE "job_hook" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "object_types" TEXT NOT NULL, "enabled" INTEGER NOT NULL, "job_id" INTEGER NOT NULL, "type_create" INTEGER NOT NULL, "type_update" INTEGER NOT NULL, "type_delete" INTEGER NOT NULL, "accept_chained" INTEGER NOT NULL, "conditions" TEXT NOT NULL, "queue" TEXT NOT NULL, "priority" INTEGER, "created" INTEGER NOT NULL, "muted_until" INTEGER, "mute_reason" TEXT NOT NULL, "breaker_reset" INTEGER, "managed" TEXT NOT NULL, FOREIGN KEY ("job_id") REFERENCES "job_record" ("id") ON DELETE CASCADE)
CREATE TABLE "job_import_error" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "path" TEXT NOT NULL, "line" INTEGER NOT NULL, "message" TEXT NOT NULL, "hint" TEXT NOT NULL, "time" INTEGER NOT NULL)
CREATE TABLE "job_log_entry" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "result_id" INTEGER NOT NULL, "time" INTEGER NOT NULL, "level" TEXT NOT NULL, "grouping" TEXT NOT NULL, "message" TEXT NOT NULL, "object_name" TEXT NOT NULL, "object_url" TEXT NOT NULL, FOREIGN KEY ("result_id") REFERENCES "job_result" ("id") ON DELETE CASCADE)
CREATE TABLE "job_queue" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "priority" INTEGER NOT NULL, "run_limit" INTEGER NOT NULL, "paused" INTEGER NOT NULL, "paused_by" TEXT NOT NULL, "paused_at" INTEGER, "reason" TEXT NOT NULL)
CREATE TABLE "job_record" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "module_name" TEXT NOT NULL, "job_class_name" TEXT NOT NULL, "name" TEXT NOT NULL, "grouping" TEXT NOT NULL, "description" TEXT NOT NULL, "installed" INTEGER NOT NULL, "enabled" INTEGER NOT NULL, "is_job_hook_receiver" INTEGER NOT NULL, "is_job_button_receiver" INTEGER NOT NULL, "read_only" INTEGER NOT NULL, "supports_dryrun" INTEGER NOT NULL, "hidden" INTEGER NOT NULL, "has_sensitive_variables" INTEGER NOT NULL, "soft_time_limit" REAL NOT NULL, "time_limit" REAL NOT NULL, "delivery" TEXT NOT NULL, "overlap" TEXT NOT NULL, "retries" INTEGER NOT NULL, "batch" INTEGER NOT NULL, "queue" TEXT NOT NULL, "dryrun_default" INTEGER NOT NULL, "variables" TEXT NOT NULL, "overrides" TEXT NOT NULL, "source_path" TEXT NOT NULL, "source_line" INTEGER NOT NULL, "source_hash" TEXT NOT NULL, "approved_hash" TEXT NOT NULL, "error" TEXT)
CREATE TABLE "job_result" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "job_id" INTEGER, "job_path" TEXT NOT NULL, "status" TEXT NOT NULL, "user_id" INTEGER, "user_name" TEXT NOT NULL, "acted_for" TEXT NOT NULL DEFAULT '', "queue" TEXT NOT NULL, "priority" INTEGER NOT NULL, "created" INTEGER NOT NULL, "due" INTEGER NOT NULL, "started" INTEGER, "done" INTEGER, "change_id" INTEGER, "hook_id" INTEGER, "button_id" INTEGER, "schedule_id" INTEGER, "fire_time" INTEGER, "object_type" TEXT, "object_id" BLOB, "object_name" TEXT, "arguments" TEXT NOT NULL, "result" TEXT, "error" TEXT, "traceback" TEXT, "owner" TEXT, "token" INTEGER NOT NULL, "attempt" INTEGER NOT NULL, "crashes" INTEGER NOT NULL, "cancel_requested" INTEGER NOT NULL, "cancelled_by" TEXT NOT NULL DEFAULT '', "profile" INTEGER NOT NULL DEFAULT 0, "delivery" TEXT NOT NULL, "soft_time_limit" REAL NOT NULL, "time_limit" REAL NOT NULL, "order_key" TEXT, "blocked" INTEGER NOT NULL DEFAULT 0, "rerun_of" INTEGER, "caused_by" INTEGER, "root_change_id" INTEGER, "depth" INTEGER NOT NULL, "source_hash" TEXT NOT NULL, "reason" TEXT NOT NULL, "progress_done" INTEGER, "progress_total" INTEGER, "debug_log_count" INTEGER NOT NULL, "info_log_count" INTEGER NOT NULL, "success_log_count" INTEGER NOT NULL, "warning_log_count" INTEGER NOT NULL, "error_log_count" INTEGER NOT NULL, FOREIGN KEY ("job_id") REFERENCES "job_record" ("id") ON DELETE SET NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE SET NULL)
CREATE TABLE "job_schedule" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "job_id" INTEGER NOT NULL, "owner_id" INTEGER, "owner_name" TEXT NOT NULL, "enabled" INTEGER NOT NULL, "kind" TEXT NOT NULL, "words" TEXT NOT NULL, "timezone" TEXT NOT NULL, "start" TEXT NOT NULL, "anchor" INTEGER NOT NULL, "missed" TEXT NOT NULL, "inputs" TEXT NOT NULL, "object_type" TEXT, "object_id" BLOB, "object_name" TEXT, "next_fire" INTEGER, "last_fire" INTEGER, "skipped" INTEGER NOT NULL, "error" TEXT NOT NULL, "created" INTEGER NOT NULL, FOREIGN KEY ("job_id") REFERENCES "job_record" ("id") ON DELETE CASCADE, FOREIGN KEY ("owner_id") REFERENCES "user" ("id") ON DELETE SET NULL)
CREATE TABLE "job_upload" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "result_id" INTEGER, "name" TEXT NOT NULL, "content" BLOB NOT NULL, "created" INTEGER NOT NULL, FOREIGN KEY ("result_id") REFERENCES "job_result" ("id") ON DELETE CASCADE)
CREATE TABLE "location" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "location_type_id" BLOB NOT NULL, "parent_id" BLOB, "status_id" BLOB NOT NULL, "tenant_id" BLOB, "facility" TEXT NOT NULL, "time_zone" TEXT NOT NULL, "physical_address" TEXT NOT NULL, "contact_name" TEXT NOT NULL, "contact_phone" TEXT NOT NULL, "contact_email" TEXT NOT NULL, "description" TEXT NOT NULL, "comments" TEXT NOT NULL, FOREIGN KEY ("location_type_id") REFERENCES "location_type" ("id"), FOREIGN KEY ("parent_id") REFERENCES "location" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"))
CREATE TABLE "location_type" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "parent_id" BLOB, "nestable" INTEGER NOT NULL, "content_types" TEXT NOT NULL, "description" TEXT NOT NULL, FOREIGN KEY ("parent_id") REFERENCES "location_type" ("id"))
CREATE TABLE "manufacturer" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "description" TEXT NOT NULL)
CREATE TABLE "namespace" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "location_id" BLOB, "tenant_id" BLOB, FOREIGN KEY ("location_id") REFERENCES "location" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"))
CREATE TABLE "notice_window" ("target" TEXT NOT NULL, "subject" TEXT NOT NULL, "since" INTEGER NOT NULL, "sent" INTEGER NOT NULL, "summary" INTEGER, PRIMARY KEY ("target", "subject")) WITHOUT ROWID
CREATE TABLE "object_change" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "context_id" INTEGER NOT NULL, "action" INTEGER NOT NULL, "type_id" INTEGER NOT NULL, "object_id" BLOB NOT NULL, "object_repr" TEXT NOT NULL, "related_type_id" INTEGER, "related_id" BLOB, "time" INTEGER NOT NULL, "codec" INTEGER NOT NULL, "before" BLOB, "after" BLOB, "verdicts" BLOB, "missed" INTEGER, FOREIGN KEY ("context_id") REFERENCES "change_context" ("id"))
CREATE TABLE "object_permission" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "enabled" INTEGER NOT NULL, "object_types" TEXT NOT NULL, "actions" TEXT NOT NULL, "users" TEXT NOT NULL, "groups" TEXT NOT NULL, "constraints" TEXT, "created" INTEGER NOT NULL)
CREATE TABLE "object_type" ("id" INTEGER NOT NULL PRIMARY KEY, "label" TEXT NOT NULL)
CREATE TABLE "platform" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "manufacturer_id" BLOB, "network_driver" TEXT NOT NULL, "napalm_driver" TEXT NOT NULL, "napalm_args" TEXT, "description" TEXT NOT NULL, FOREIGN KEY ("manufacturer_id") REFERENCES "manufacturer" ("id"))
CREATE TABLE "prefix" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "network" BLOB NOT NULL, "broadcast" BLOB NOT NULL, "prefix_length" INTEGER NOT NULL, "ip_version" INTEGER NOT NULL, "type" TEXT NOT NULL, "namespace_id" BLOB NOT NULL, "parent_id" BLOB, "status_id" BLOB NOT NULL, "role_id" BLOB, "vlan_id" BLOB, "tenant_id" BLOB, "date_allocated" INTEGER, "description" TEXT NOT NULL, FOREIGN KEY ("namespace_id") REFERENCES "namespace" ("id"), FOREIGN KEY ("parent_id") REFERENCES "prefix" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("role_id") REFERENCES "role" ("id"), FOREIGN KEY ("vlan_id") REFERENCES "vlan" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"))
CREATE TABLE "prefix_locations" ("owner_id" BLOB NOT NULL, "member_id" BLOB NOT NULL, PRIMARY KEY ("owner_id", "member_id"), FOREIGN KEY ("owner_id") REFERENCES "prefix" ("id"), FOREIGN KEY ("member_id") REFERENCES "location" ("id"))
CREATE TABLE "prefix_vrfs" ("owner_id" BLOB NOT NULL, "member_id" BLOB NOT NULL, PRIMARY KEY ("owner_id", "member_id"), FOREIGN KEY ("owner_id") REFERENCES "prefix" ("id"), FOREIGN KEY ("member_id") REFERENCES "vrf" ("id"))
CREATE TABLE "pruned" ("kind" TEXT NOT NULL PRIMARY KEY, "up_to" INTEGER NOT NULL, "rows" INTEGER NOT NULL, "time" INTEGER NOT NULL)
CREATE TABLE "rack" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "location_id" BLOB NOT NULL, "rack_group_id" BLOB, "status_id" BLOB NOT NULL, "role_id" BLOB, "tenant_id" BLOB, "type" TEXT NOT NULL, "u_height" INTEGER NOT NULL, "width" INTEGER NOT NULL, "desc_units" INTEGER NOT NULL, "serial" TEXT NOT NULL, "asset_tag" TEXT, "facility_id" TEXT, "comments" TEXT NOT NULL, FOREIGN KEY ("location_id") REFERENCES "location" ("id"), FOREIGN KEY ("rack_group_id") REFERENCES "rack_group" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("role_id") REFERENCES "role" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"))
CREATE TABLE "rack_group" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "location_id" BLOB NOT NULL, "parent_id" BLOB, "description" TEXT NOT NULL, FOREIGN KEY ("location_id") REFERENCES "location" ("id"), FOREIGN KEY ("parent_id") REFERENCES "rack_group" ("id"))
CREATE TABLE "role" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "color" TEXT NOT NULL, "description" TEXT NOT NULL, "content_types" TEXT NOT NULL, "weight" INTEGER)
CREATE TABLE "run_attempt" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "result_id" INTEGER NOT NULL, "attempt" INTEGER NOT NULL, "owner" TEXT NOT NULL, "pid" INTEGER, "started" INTEGER NOT NULL, "ended" INTEGER NOT NULL, "outcome" TEXT NOT NULL, "error" TEXT, FOREIGN KEY ("result_id") REFERENCES "job_result" ("id") ON DELETE CASCADE)
CREATE TABLE "seen_result" ("user_id" INTEGER NOT NULL, "result_id" INTEGER NOT NULL, PRIMARY KEY ("user_id", "result_id"), FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE, FOREIGN KEY ("result_id") REFERENCES "job_result" ("id") ON DELETE CASCADE) WITHOUT ROWID
CREATE TABLE "seen_up_to" ("user_id" INTEGER NOT NULL PRIMARY KEY, "result_id" INTEGER NOT NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE)
CREATE TABLE "status" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "color" TEXT NOT NULL, "description" TEXT NOT NULL, "content_types" TEXT NOT NULL)
CREATE TABLE "tag" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "color" TEXT NOT NULL, "description" TEXT NOT NULL, "content_types" TEXT NOT NULL)
CREATE TABLE "tagged_item" ("type_id" INTEGER NOT NULL, "object_id" BLOB NOT NULL, "tag_id" BLOB NOT NULL, PRIMARY KEY ("type_id", "object_id", "tag_id"), FOREIGN KEY ("tag_id") REFERENCES "tag" ("id")) WITHOUT ROWID
CREATE TABLE "tenant" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "tenant_group_id" BLOB, "description" TEXT NOT NULL, "comments" TEXT NOT NULL, FOREIGN KEY ("tenant_group_id") REFERENCES "tenant_group" ("id"))
CREATE TABLE "tenant_group" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "parent_id" BLOB, "description" TEXT NOT NULL, FOREIGN KEY ("parent_id") REFERENCES "tenant_group" ("id"))
CREATE TABLE "user" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "username" TEXT NOT NULL, "is_superuser" INTEGER NOT NULL, "is_active" INTEGER NOT NULL, "created" INTEGER NOT NULL)
CREATE TABLE "user_group" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "users" TEXT NOT NULL, "is_default" INTEGER NOT NULL)
CREATE TABLE "vlan" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "vid" INTEGER NOT NULL, "name" TEXT NOT NULL, "vlan_group_id" BLOB, "status_id" BLOB NOT NULL, "role_id" BLOB, "tenant_id" BLOB, "description" TEXT NOT NULL, FOREIGN KEY ("vlan_group_id") REFERENCES "vlan_group" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("role_id") REFERENCES "role" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"))
CREATE TABLE "vlan_group" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "location_id" BLOB, "description" TEXT NOT NULL, FOREIGN KEY ("location_id") REFERENCES "location" ("id"))
CREATE TABLE "vlan_locations" ("owner_id" BLOB NOT NULL, "member_id" BLOB NOT NULL, PRIMARY KEY ("owner_id", "member_id"), FOREIGN KEY ("owner_id") REFERENCES "vlan" ("id"), FOREIGN KEY ("member_id") REFERENCES "location" ("id"))
CREATE TABLE "vrf" ("id" BLOB NOT NULL PRIMARY KEY, "created" INTEGER, "last_updated" INTEGER, "custom_field_data" TEXT NOT NULL, "name" TEXT NOT NULL, "rd" TEXT, "namespace_id" BLOB NOT NULL, "status_id" BLOB, "tenant_id" BLOB, "description" TEXT NOT NULL, FOREIGN KEY ("namespace_id") REFERENCES "namespace" ("id"), FOREIGN KEY ("status_id") REFERENCES "status" ("id"), FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id"))
CREATE INDEX change_context_open ON change_context(id) WHERE closed IS NULL
CREATE INDEX change_context_result ON change_context(result_id) WHERE result_id IS NOT NULL
CREATE UNIQUE INDEX "custom_field_key" ON "custom_field" ("key")
CREATE UNIQUE INDEX "device_asset_tag" ON "device" ("asset_tag")
CREATE INDEX "device_device_type_id" ON "device" ("device_type_id")
CREATE INDEX "device_location_id" ON "device" ("location_id")
CREATE UNIQUE INDEX "device_location_id_name" ON "device" ("location_id", "name") WHERE ("tenant_id" IS NULL)
CREATE UNIQUE INDEX "device_location_id_tenant_id_name" ON "device" ("location_id", "tenant_id", "name")
CREATE INDEX "device_name_id" ON "device" ("name", "id")
CREATE INDEX "device_platform_id" ON "device" ("platform_id")
CREATE INDEX "device_primary_ip4_id" ON "device" ("primary_ip4_id")
CREATE INDEX "device_primary_ip6_id" ON "device" ("primary_ip6_id")
CREATE INDEX "device_rack_id" ON "device" ("rack_id")
CREATE UNIQUE INDEX "device_rack_id_position_face" ON "device" ("rack_id", "position", "face")
CREATE INDEX "device_role_id" ON "device" ("role_id")
CREATE INDEX "device_status_id" ON "device" ("status_id")
CREATE INDEX "device_tenant_id" ON "device" ("tenant_id")
CREATE UNIQUE INDEX "device_type_manufacturer_id_model" ON "device_type" ("manufacturer_id", "model")
CREATE INDEX "device_type_model_id" ON "device_type" ("model", "id")
CREATE UNIQUE INDEX "interface_device_id_name" ON "interface" ("device_id", "name")
CREATE INDEX "interface_lag_id" ON "interface" ("lag_id")
CREATE INDEX "interface_name_id" ON "interface" ("name", "id")
CREATE INDEX "interface_parent_interface_id" ON "interface" ("parent_interface_id")
CREATE INDEX "interface_role_id" ON "interface" ("role_id")
CREATE INDEX "interface_status_id" ON "interface" ("status_id")
CREATE INDEX "interface_untagged_vlan_id" ON "interface" ("untagged_vlan_id")
CREATE INDEX "interface_vrf_id" ON "interface" ("vrf_id")
CREATE INDEX "interface_tagged_vlans_member_id" ON "interface_tagged_vlans" ("member_id")
CREATE INDEX "ip_address_dns_name_id" ON "ip_address" ("dns_name", "id")
CREATE INDEX "ip_address_host_id" ON "ip_address" ("host", "id")
CREATE UNIQUE INDEX "ip_address_namespace_id_host" ON "ip_address" ("namespace_id", "host")
CREATE INDEX "ip_address_nat_inside_id" ON "ip_address" ("nat_inside_id")
CREATE INDEX "ip_address_parent_id_host" ON "ip_address" ("parent_id", "host")
CREATE INDEX "ip_address_role_id" ON "ip_address" ("role_id")
CREATE INDEX "ip_address_status_id" ON "ip_address" ("status_id")
CREATE INDEX "ip_address_tenant_id" ON "ip_address" ("tenant_id")
CREATE INDEX "ip_address_to_interface_interface_id" ON "ip_address_to_interface" ("interface_id")
CREATE UNIQUE INDEX "ip_address_to_interface_ip_address_id_interface_id" ON "ip_address_to_interface" ("ip_address_id", "interface_id")
CREATE INDEX "job_button_job_id" ON "job_button" ("job_id")
CREATE UNIQUE INDEX "job_button_name" ON "job_button" ("name")
CREATE INDEX "job_file_result_id" ON "job_file" ("result_id")
CREATE INDEX "job_hook_job_id" ON "job_hook" ("job_id")
CREATE UNIQUE INDEX "job_hook_name" ON "job_hook" ("name")
CREATE INDEX "job_log_entry_result_id_id" ON "job_log_entry" ("result_id", "id")
CREATE UNIQUE INDEX "job_queue_name" ON "job_queue" ("name")
CREATE UNIQUE INDEX "job_record_module_name_job_class_name" ON "job_record" ("module_name", "job_class_name")
CREATE UNIQUE INDEX "job_record_name" ON "job_record" ("name")
CREATE INDEX job_result_attention ON job_result(status, id, done) WHERE status IN ('FAILURE', 'INTERRUPTED')
CREATE INDEX job_result_button ON job_result(button_id) WHERE button_id IS NOT NULL
CREATE INDEX job_result_change ON job_result(change_id) WHERE change_id IS NOT NULL
CREATE INDEX job_result_claimed ON job_result(owner) WHERE owner IS NOT NULL
CREATE INDEX job_result_hook ON job_result(hook_id) WHERE hook_id IS NOT NULL
CREATE INDEX "job_result_job_id" ON "job_result" ("job_id")
CREATE INDEX job_result_object ON job_result(object_id, id) WHERE object_id IS NOT NULL
CREATE INDEX job_result_order ON job_result(order_key, id) WHERE order_key IS NOT NULL AND status IN ('PENDING', 'STARTED')
CREATE INDEX job_result_ready ON job_result(priority, due, id, queue) WHERE status = 'PENDING' AND owner IS NULL AND blocked = 0
CREATE INDEX job_result_rerun ON job_result(rerun_of) WHERE rerun_of IS NOT NULL
CREATE INDEX job_result_root ON job_result(root_change_id) WHERE root_change_id IS NOT NULL
CREATE UNIQUE INDEX job_result_schedule ON job_result(schedule_id, fire_time) WHERE schedule_id IS NOT NULL
CREATE INDEX job_schedule_due ON job_schedule(next_fire) WHERE enabled AND next_fire IS NOT NULL
CREATE INDEX "job_schedule_job_id" ON "job_schedule" ("job_id")
CREATE UNIQUE INDEX "job_schedule_name" ON "job_schedule" ("name")
CREATE INDEX "job_schedule_owner_id" ON "job_schedule" ("owner_id")
CREATE INDEX "job_upload_result_id" ON "job_upload" ("result_id")
CREATE INDEX "location_location_type_id" ON "location" ("location_type_id")
CREATE UNIQUE INDEX "location_name" ON "location" ("name") WHERE ("parent_id" IS NULL)
CREATE INDEX "location_name_id" ON "location" ("name", "id")
CREATE INDEX "location_parent_id" ON "location" ("parent_id")
CREATE UNIQUE INDEX "location_parent_id_name" ON "location" ("parent_id", "name")
CREATE INDEX "location_status_id" ON "location" ("status_id")
CREATE INDEX "location_tenant_id" ON "location" ("tenant_id")
CREATE UNIQUE INDEX "location_type_name" ON "location_type" ("name")
CREATE INDEX "location_type_parent_id" ON "location_type" ("parent_id")
CREATE UNIQUE INDEX "manufacturer_name" ON "manufacturer" ("name")
CREATE INDEX "namespace_location_id" ON "namespace" ("location_id")
CREATE UNIQUE INDEX "namespace_name" ON "namespace" ("name")
CREATE INDEX "namespace_tenant_id" ON "namespace" ("tenant_id")
CREATE INDEX "object_change_context_id" ON "object_change" ("context_id")
CREATE INDEX object_change_missed ON object_change(id) WHERE missed
CREATE INDEX object_change_object ON object_change(type_id, object_id)
CREATE INDEX object_change_related ON object_change(related_id) WHERE related_id IS NOT NULL
CREATE INDEX object_change_undispatched ON object_change(context_id, id) WHERE verdicts IS NULL
CREATE UNIQUE INDEX "object_permission_name" ON "object_permission" ("name")
CREATE UNIQUE INDEX "object_type_label" ON "object_type" ("label")
CREATE INDEX "platform_manufacturer_id" ON "platform" ("manufacturer_id")
CREATE UNIQUE INDEX "platform_name" ON "platform" ("name")
CREATE UNIQUE INDEX "prefix_namespace_id_network_prefix_length" ON "prefix" ("namespace_id", "network", "prefix_length")
CREATE INDEX "prefix_network_id" ON "prefix" ("network", "id")
CREATE INDEX "prefix_parent_id" ON "prefix" ("parent_id")
CREATE INDEX "prefix_role_id" ON "prefix" ("role_id")
CREATE INDEX "prefix_status_id" ON "prefix" ("status_id")
CREATE INDEX "prefix_tenant_id" ON "prefix" ("tenant_id")
CREATE INDEX "prefix_vlan_id" ON "prefix" ("vlan_id")
CREATE INDEX "prefix_locations_member_id" ON "prefix_locations" ("member_id")
CREATE INDEX "prefix_vrfs_member_id" ON "prefix_vrfs" ("member_id")
CREATE UNIQUE INDEX "rack_asset_tag" ON "rack" ("asset_tag")
CREATE INDEX "rack_location_id" ON "rack" ("location_id")
CREATE UNIQUE INDEX "rack_location_id_name" ON "rack" ("location_id", "name") WHERE ("rack_group_id" IS NULL)
CREATE INDEX "rack_name_id" ON "rack" ("name", "id")
CREATE INDEX "rack_rack_group_id" ON "rack" ("rack_group_id")
CREATE UNIQUE INDEX "rack_rack_group_id_name" ON "rack" ("rack_group_id", "name")
CREATE INDEX "rack_role_id" ON "rack" ("role_id")
CREATE INDEX "rack_status_id" ON "rack" ("status_id")
CREATE INDEX "rack_tenant_id" ON "rack" ("tenant_id")
CREATE INDEX "rack_group_location_id" ON "rack_group" ("location_id")
CREATE UNIQUE INDEX "rack_group_name" ON "rack_group" ("name")
CREATE INDEX "rack_group_parent_id" ON "rack_group" ("parent_id")
CREATE UNIQUE INDEX "role_name" ON "role" ("name")
CREATE INDEX "run_attempt_result_id" ON "run_attempt" ("result_id")
CREATE INDEX "seen_result_result_id" ON "seen_result" ("result_id")
CREATE UNIQUE INDEX "status_name" ON "status" ("name")
CREATE UNIQUE INDEX "tag_name" ON "tag" ("name")
CREATE INDEX "tagged_item_tag_id" ON "tagged_item" ("tag_id")
CREATE UNIQUE INDEX "tenant_name" ON "tenant" ("name")
CREATE INDEX "tenant_tenant_group_id" ON "tenant" ("tenant_group_id")
CREATE UNIQUE INDEX "tenant_group_name" ON "tenant_group" ("name")
CREATE INDEX "tenant_group_parent_id" ON "tenant_group" ("parent_id")
CREATE UNIQUE INDEX "user_username" ON "user" ("username")
CREATE UNIQUE INDEX "user_group_name" ON "user_group" ("name")
CREATE INDEX "vlan_name_id" ON "vlan" ("name", "id")
CREATE INDEX "vlan_role_id" ON "vlan" ("role_id")
CREATE INDEX "vlan_status_id" ON "vlan" ("status_id")
CREATE INDEX "vlan_tenant_id" ON "vlan" ("tenant_id")
CREATE INDEX "vlan_vid_id" ON "vlan" ("vid", "id")
CREATE INDEX "vlan_vlan_group_id" ON "vlan" ("vlan_group_id")
CREATE UNIQUE INDEX "vlan_vlan_group_id_name" ON "vlan" ("vlan_group_id", "name")
CREATE UNIQUE INDEX "vlan_vlan_group_id_vid" ON "vlan" ("vlan_group_id", "vid")
CREATE INDEX "vlan_group_location_id" ON "vlan_group" ("location_id")
CREATE UNIQUE INDEX "vlan_group_name" ON "vlan_group" ("name")
CREATE INDEX "vlan_locations_member_id" ON "vlan_locations" ("member_id")
CREATE INDEX "vrf_name_id" ON "vrf" ("name", "id")
CREATE INDEX "vrf_namespace_id" ON "vrf" ("namespace_id")
CREATE UNIQUE INDEX "vrf_namespace_id_name" ON "vrf" ("namespace_id", "name")
CREATE UNIQUE INDEX "vrf_namespace_id_rd" ON "vrf" ("namespace_id", "rd")
CREATE INDEX "vrf_status_id" ON "vrf" ("status_id")
CREATE INDEX "vrf_tenant_id" ON "vrf" ("tenant_id")
CREATE TRIGGER custom_field_delete AFTER delete ON "custom_field" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER custom_field_insert AFTER insert ON "custom_field" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER custom_field_update AFTER update ON "custom_field" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_button_delete AFTER delete ON "job_button" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_button_insert AFTER insert ON "job_button" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_button_update AFTER update ON "job_button" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_hook_delete AFTER delete ON "job_hook" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_hook_insert AFTER insert ON "job_hook" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_hook_update AFTER update ON "job_hook" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_queue_delete AFTER delete ON "job_queue" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_queue_insert AFTER insert ON "job_queue" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_queue_update AFTER update ON "job_queue" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_record_delete AFTER delete ON "job_record" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_record_insert AFTER insert ON "job_record" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_record_update AFTER update ON "job_record" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_schedule_delete AFTER delete ON "job_schedule" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_schedule_insert AFTER insert ON "job_schedule" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER job_schedule_update AFTER update OF name, enabled, kind, words, timezone, start, anchor ON "job_schedule" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER object_permission_delete AFTER delete ON "object_permission" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER object_permission_insert AFTER insert ON "object_permission" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER object_permission_update AFTER update ON "object_permission" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER user_delete AFTER delete ON "user" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER user_insert AFTER insert ON "user" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER user_update AFTER update ON "user" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER user_group_delete AFTER delete ON "user_group" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER user_group_insert AFTER insert ON "user_group" BEGIN UPDATE config_version SET version = version + 1; END
CREATE TRIGGER user_group_update AFTER update ON "user_group" BEGIN UPDATE config_version SET version = version + 1; END
