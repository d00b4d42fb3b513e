// What is proven about a model's query: aligned partitions, pass-through columns, row-wise shape.
#pragma once

#include "project/problem_internal.h"
#include "project/relation_internal.h"

namespace bullion::project {

/// The columns of the project's tables, by name. The project must outlive the function.
TableColumns columns_of_project(const Project& project);

/// Fills `aligned_inputs` and `not_aligned_reason` of a model whose query this is. Claims only what
/// follows from the rules in docs/project-files.md; `depends_on` must be filled.
void prove_alignment(const Json& query, const ResolvedSql& sql, const Project& project,
                     Model& model);

/// Fills `origins`.
void find_origins(const Json& query, const Project& project, Model& model);

/// The source that a snapshot's manifest is exists and has its columns.
/// Puts sources with `rejects_of` behind all others, checks them, and ties their hashes to those of
/// the sources they belong to.
void link_rejects(Project& project, std::vector<Problem>& problems);
void check_snapshot_manifest(const Project& project, const Source& source, ProblemSink& problems);

/// snapshot: the input declares snapshots and its day is the model's partition. Needs `origins`.
void check_snapshot(const Project& project, const Model& model, ProblemSink& problems);

/// append, latest, snapshot: the query must be a projection and filter of one input, seeds joined.
void check_row_wise(const Json& query, const ResolvedSql& sql, const Project& project,
                    const Model& model, ProblemSink& problems);

/// SHA-256 of what decides a model's rows.
std::string model_code_hash(const Model& model, const Json& query);
std::string source_hash(const Source& source);
/// The hash of something that changes when either part does.
std::string linked_hash(std::string_view a, std::string_view b);
std::string seed_hash(const Seed& seed, std::string_view bytes);

}  // namespace bullion::project
